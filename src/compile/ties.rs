//! Ties between operators, and the routes of incidents along them.

use crate::document::types::{self as t, Name, Quantity};
use crate::model::{self as m, StreamName, TieId};

use super::context::{Cx, all};
use super::convert;
use super::params::Use;

/// Enterprises of one tie.
const MAX_ENTERPRISES: f64 = 100_000.0;

impl<'d> Cx<'d> {
    pub(super) fn ties(&mut self) -> Option<Vec<m::Tie>> {
        let doc = self.doc;
        all(doc.ties.iter().map(|tie| self.tie(tie)))
    }

    fn tie(&mut self, tie: &'d t::Tie) -> Option<m::Tie> {
        let id = &tie.id;
        let place = format!("tie:{id}");
        let nothing = t::Param::new(Quantity::Number(0.0), id.span);
        let order = self.site(&format!("{place}/order"), &nothing, Use::Number);
        let kind = self.tie_kind(id, &place, &tie.kind);
        let marks = self.bits(tie.marks.as_ref());
        Some(m::Tie {
            name: StreamName::new(id.as_str()),
            title: tie.title.clone().unwrap_or_else(|| id.to_string()),
            kind: kind?,
            order: order?,
            marks: marks?,
            basis: convert::opt_basis(tie.basis.as_ref()),
        })
    }

    fn tie_kind(&mut self, id: &Name, place: &str, kind: &'d t::TieKind) -> Option<m::TieKind> {
        Some(match kind {
            t::TieKind::Enterprise { count, head, branches, head_told, alarm } => {
                let n = self.number(count, Use::Factor, None);
                let head = self.filter(head);
                let branches = self.opt_all(branches, |cx, branch| {
                    let among = cx.filter(&branch.among);
                    let n = cx.site(&format!("{place}/branches"), &branch.operators, Use::Factor);
                    Some((among?, n?))
                });
                let told = self.opt_site(&format!("{place}/head-told"), head_told.as_ref(), Use::Duration);
                let rings = self.opt_site(&format!("{place}/alarm"), alarm.as_ref(), Use::Duration);
                if let (Some(alarm), None) = (alarm, head_told) {
                    let message = format!("`alarm` of the tie `{id}` needs `head_told`");
                    self.error("missing", message, alarm.span);
                }
                let n = n?;
                if !(0.0..=MAX_ENTERPRISES).contains(&n) {
                    let message = format!("`{id}` has {n} enterprises; the most is {MAX_ENTERPRISES}");
                    self.error("too-many", message, count.span);
                    return None;
                }
                m::TieKind::Enterprise {
                    count: libm::round(n) as u32,
                    head: head?,
                    branches: branches?,
                    head_told: told?,
                    alarm: rings?,
                }
            }
            t::TieKind::Supply { suppliers, customers, each } => {
                let suppliers = self.filter(suppliers);
                let customers = self.filter(customers);
                let each = self.opt_site(&format!("{place}/each"), each.as_ref(), Use::Factor);
                m::TieKind::Supply { suppliers: suppliers?, customers: customers?, each: each? }
            }
        })
    }

    pub(super) fn tie_id(&mut self, name: &Name) -> Option<TieId> {
        self.find_id("tie", |index| &index.ties, name).map(TieId::from_index)
    }

    pub(super) fn routes(&mut self, place: &str, routes: &'d [t::Route]) -> Option<Vec<m::Route>> {
        self.opt_all(routes, |cx, route| {
            let place = format!("{place}/route/{}", route.tie);
            let tie = cx.tie_id(&route.tie);
            let after = cx.site(&format!("{place}/after"), &route.after, Use::Duration);
            let p = route.probability.as_ref();
            let probability = cx.opt_site(&format!("{place}/probability"), p, Use::Probability);
            let tie = tie?;
            if route.upwards && matches!(cx.doc.ties[tie.index()].kind, t::TieKind::Enterprise { .. }) {
                let message = format!("`{}` is an enterprise, in which a hit passes both ways", route.tie);
                cx.error("contradiction", message, route.tie.span);
            }
            Some(m::Route { tie, after: after?, probability: probability?, upwards: route.upwards })
        })
    }
}
