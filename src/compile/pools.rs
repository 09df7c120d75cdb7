//! Pools, and staff that moves.

use crate::document::types::{self as t, Name};
use crate::model::{self as m, Action, PoolId};

use super::context::{Cx, all};
use super::convert;
use super::params::Use;

impl<'d> Cx<'d> {
    pub(super) fn pools(&mut self) -> Option<Vec<m::Pool>> {
        let doc = self.doc;
        all(doc.pools.iter().map(|(name, pool)| {
            Some(m::Pool {
                name: name.to_string(),
                title: pool.title.clone(),
                stock: self.number(&pool.stock, Use::Factor, None)?,
                unit: pool.unit.clone().unwrap_or_default(),
                basis: convert::opt_basis(pool.basis.as_ref()),
            })
        }))
    }

    pub(super) fn pool_id(&mut self, name: &Name) -> Option<PoolId> {
        self.find("pool", &self.doc.pools, name).map(PoolId::from_index)
    }

    /// `Take`, `Return` and `Lend`.
    pub(super) fn pool_action(
        &mut self,
        place: &str,
        action: &'d t::Action,
        span: crate::document::Span,
    ) -> Option<Action> {
        match action {
            t::Action::Take { pool, amount, priority, patience, otherwise } => {
                let id = self.pool_id(pool);
                let amount = self.opt_site(&format!("{place}/take:{pool}"), amount.as_ref(), Use::Factor);
                let patience =
                    self.opt_site(&format!("{place}/patience:{pool}"), patience.as_ref(), Use::Duration);
                let otherwise = match otherwise {
                    Some(actions) => self.actions(place, actions, span).map(Some),
                    None => Some(None),
                };
                Some(Action::Take(m::Take {
                    pool: id?,
                    amount: amount?,
                    priority: convert::priority(*priority),
                    patience: patience?,
                    otherwise: otherwise?,
                }))
            }
            t::Action::Return { pool, amount } => {
                let id = self.pool_id(pool);
                let amount = self.opt_site(&format!("{place}/return:{pool}"), amount.as_ref(), Use::Factor);
                Some(Action::Return(id?, amount?))
            }
            t::Action::Lend { from, pool, to, staff, travel, lasts } => {
                let lender = match (from, pool) {
                    (Some(_), Some(pool)) => {
                        self.error("contradiction", "staff is lent by actors or by a pool", pool.span);
                        None
                    }
                    (Some(from), None) => self.sel(from).map(m::Lender::Actors),
                    (None, Some(pool)) => self.pool_id(pool).map(m::Lender::Pool),
                    (None, None) => Some(m::Lender::Outside),
                };
                let to = match to {
                    Some(to) => self.sel(to).map(Some),
                    None => Some(None),
                };
                let staff = self.site(&format!("{place}/staff"), staff, Use::Factor);
                let travel = self.opt_site(&format!("{place}/travel"), travel.as_ref(), Use::Duration);
                let lasts = self.site(&format!("{place}/lent"), lasts, Use::Duration);
                Some(Action::Lend(m::Lend {
                    from: lender?,
                    to: to?,
                    staff: staff?,
                    travel: travel?,
                    lasts: lasts?,
                }))
            }
            _ => None,
        }
    }
}
