//! Products and statements, tasks, channels.

use crate::document::types::{self as t, Name, Quantity};
use crate::model::{self as m, ProductId, StreamName, TaskId};

use super::context::{Cx, all};
use super::convert;
use super::params::Use;

impl<'d> Cx<'d> {
    pub(super) fn products(&mut self) -> Option<Vec<m::Product>> {
        let doc = self.doc;
        let mut made: Vec<Option<m::Product>> = Vec::new();
        for (name, product) in &doc.products {
            made.push(self.product(name, product));
        }
        for (name, statement) in &doc.statements {
            made.push(self.statement(name, statement));
        }
        all(made.into_iter())
    }

    fn kinds(&mut self, names: &'d [Name]) -> Option<Vec<m::FactKindId>> {
        self.opt_all(names, |cx, name| cx.kind_id(name))
    }

    fn product(&mut self, name: &Name, product: &'d t::Product) -> Option<m::Product> {
        let carries = self.kinds(&product.carries);
        let write = self.effort(&format!("product:{name}/write"), product.write.as_ref());
        let read = self.effort(&format!("product:{name}/read"), product.read.as_ref());
        let marking = match &product.marking {
            Some((scheme, rung)) => self.rung(scheme, rung).map(Some),
            None => Some(None),
        };
        let tear_line = match &product.tear_line {
            Some(tear_line) => {
                let marking = self.rung(&tear_line.marking.0, &tear_line.marking.1);
                self.kinds(&tear_line.carries).zip(marking).map(|(kinds, marking)| Some((marking, kinds)))
            }
            None => Some(None),
        };
        if let (Some(Some(marking)), Some(Some((below, kinds))), Some(t)) =
            (&marking, &tear_line, &product.tear_line)
        {
            if below.scheme != marking.scheme || below.rung >= marking.rung {
                let message =
                    format!("the tear-line version of `{name}` is not marked lower than `{name}` itself");
                self.error("contradiction", message, t.marking.1.span);
            }
            let extra = kinds.iter().position(|kind| carries.as_ref().is_some_and(|all| !all.contains(kind)));
            if let Some(extra) = extra.and_then(|i| t.carries.get(i)) {
                let message =
                    format!("the tear-line version of `{name}` carries `{extra}`, which `{name}` does not");
                self.error("contradiction", message, extra.span);
            }
        }
        Some(m::Product {
            name: StreamName::new(name.as_str()),
            title: product.title.clone(),
            public: false,
            carries: carries?,
            write: write?,
            read: read?,
            write_as: self.named_task(product.write.as_ref()),
            read_as: self.named_task(product.read.as_ref()),
            priority: convert::priority(product.priority),
            marking: marking?,
            tear_line: tear_line?,
            cut_off: self.cut_off(name, product)?,
            counted: false,
            needs_content: product.needs_content,
            common_line: None,
            publicises: Vec::new(),
            basis: convert::opt_basis(product.basis.as_ref()),
        })
    }

    fn cut_off(&mut self, name: &Name, product: &t::Product) -> Option<Option<m::SiteId>> {
        if let (Some(cut_off), None) = (&product.cut_off, &product.write) {
            let message = format!("`{name}` takes no work to write, so it has no `cut_off`");
            self.error("contradiction", message, cut_off.span);
        }
        self.opt_site(&format!("product:{name}/cut-off"), product.cut_off.as_ref(), Use::Duration)
    }

    fn statement(&mut self, name: &Name, statement: &'d t::Statement) -> Option<m::Product> {
        let carries = self.kinds(&statement.carries);
        let write = self.effort(&format!("statement:{name}/write"), statement.write.as_ref());
        let common_line = match &statement.common_line {
            Some(kind) => self.kind_id(kind).map(Some),
            None => Some(None),
        };
        let publicises = self.opt_all(&statement.publicises, |cx, name| cx.countermeasure_id(name));
        Some(m::Product {
            name: StreamName::new(name.as_str()),
            title: statement.title.clone(),
            public: true,
            carries: carries?,
            write: write?,
            read: None,
            write_as: self.named_task(statement.write.as_ref()),
            read_as: None,
            priority: convert::priority(statement.priority),
            marking: None,
            tear_line: None,
            cut_off: None,
            counted: false,
            needs_content: false,
            common_line: common_line?,
            publicises: publicises?,
            basis: convert::opt_basis(statement.basis.as_ref()),
        })
    }

    /// A task's working time or a duration; the outer `None` is an error.
    fn effort(&mut self, place: &str, effort: Option<&t::Param>) -> Option<Option<m::SiteId>> {
        let Some(effort) = effort else { return Some(None) };
        let doc = self.doc;
        let param = match &**effort {
            Quantity::Text(text) => doc.tasks.get(text.as_str()).map_or(effort, |task| &task.work),
            Quantity::Number(_) => effort,
        };
        self.site(place, param, Use::Duration).map(Some)
    }

    /// The task that an effort names; none for a duration.
    fn named_task(&self, effort: Option<&t::Param>) -> Option<TaskId> {
        let Quantity::Text(text) = &**effort? else { return None };
        self.doc.tasks.get_index_of(text.as_str()).map(TaskId::from_index)
    }

    pub(super) fn tasks(&mut self) -> Option<Vec<m::Task>> {
        let doc = self.doc;
        all(doc.tasks.iter().map(|(name, task)| {
            let work = self.site(&format!("task:{name}/work"), &task.work, Use::Duration);
            let patience =
                self.opt_site(&format!("task:{name}/patience"), task.patience.as_ref(), Use::Duration);
            let place = format!("task:{name}/time-to-live");
            let time_to_live = self.opt_site(&place, task.time_to_live.as_ref(), Use::Duration);
            Some(m::Task {
                name: StreamName::new(name.as_str()),
                title: task.title.clone(),
                work: work?,
                priority: convert::priority(task.priority),
                patience: patience?,
                time_to_live: time_to_live?,
                interrupts: task.interrupts,
                basis: convert::opt_basis(task.basis.as_ref()),
            })
        }))
    }

    /// Work of a rule: the name of a task, or a duration.
    pub(super) fn work(&mut self, place: &str, p: &t::Param) -> Option<m::Work> {
        let doc = self.doc;
        if let Quantity::Text(text) = &**p {
            if let Some(position) = doc.tasks.get_index_of(text.as_str()) {
                return Some(m::Work::Task(TaskId::from_index(position)));
            }
            if !self.param_ids.contains_key(text.as_str()) && !super::quantities::looks_like_quantity(text) {
                let known: Vec<&str> =
                    doc.tasks.keys().map(|k| k.as_str()).chain(self.param_ids.keys().copied()).collect();
                self.unknown("task or parameter", &Name::new(text.clone(), p.span), known);
                return None;
            }
        }
        self.site(place, p, Use::Duration).map(m::Work::For)
    }

    /// A product that is sent from actor to actor.
    pub(super) fn product_id(&mut self, name: &Name) -> Option<ProductId> {
        let doc = self.doc;
        if doc.statements.contains_key(name.as_str()) && !doc.products.contains_key(name.as_str()) {
            let message = format!("`{name}` is a statement to the public, not a product");
            self.error("wrong-kind", message, name.span);
            return None;
        }
        self.find("product", &doc.products, name).map(ProductId::from_index)
    }

    /// A statement to the public.
    pub(super) fn statement_id(&mut self, name: &Name) -> Option<ProductId> {
        let doc = self.doc;
        if doc.products.contains_key(name.as_str()) && !doc.statements.contains_key(name.as_str()) {
            let message = format!("`{name}` is a product, not a statement to the public");
            self.error("wrong-kind", message, name.span);
            return None;
        }
        let position = self.find("statement", &doc.statements, name)?;
        Some(ProductId::from_index(doc.products.len() + position))
    }

    /// A product or a statement.
    pub(super) fn product_or_statement(&mut self, name: &Name) -> Option<ProductId> {
        let doc = self.doc;
        if doc.statements.contains_key(name.as_str()) {
            return self.statement_id(name);
        }
        let found = doc.products.get_index_of(name.as_str());
        if found.is_none() {
            let known = doc.products.keys().chain(doc.statements.keys()).map(|key| key.as_str());
            self.unknown("product or statement", name, known);
        }
        found.map(ProductId::from_index)
    }

    pub(super) fn n_products(&self) -> usize {
        self.doc.products.len() + self.doc.statements.len()
    }

    pub(super) fn channels(&mut self) -> Option<Vec<m::Channel>> {
        let doc = self.doc;
        all(doc.channels.iter().map(|channel| self.channel(channel)))
    }

    fn channel(&mut self, channel: &'d t::Channel) -> Option<m::Channel> {
        let id = &channel.id;
        let from = self.ends(&channel.from, true);
        let to = self.ends(&channel.to, false);
        let mut carries = vec![channel.carries.is_empty(); self.n_products()];
        for name in &channel.carries {
            if let Some(product) = self.product_or_statement(name) {
                carries[product.index()] = true;
            }
        }
        let latency =
            self.opt_site(&format!("channel:{id}/latency"), channel.latency.as_ref(), Use::Duration);
        let loss = self.opt_site(&format!("channel:{id}/loss"), channel.loss.as_ref(), Use::Probability);
        let worse = self.opt_all(&channel.worse, |cx, worse| {
            let when = match worse.when {
                t::Trouble::SenderHit => m::Trouble::SenderHit,
                t::Trouble::ReceiverOffDuty => m::Trouble::ReceiverOffDuty,
                t::Trouble::ReceiverDown => m::Trouble::ReceiverDown,
            };
            let place = format!("channel:{id}/{when:?}");
            let latency = cx.opt_site(&format!("{place}/latency"), worse.latency.as_ref(), Use::Duration);
            let loss = cx.opt_site(&format!("{place}/loss"), worse.loss.as_ref(), Use::Probability);
            Some(m::Worse { when, latency: latency?, loss: loss? })
        });
        let retry = match &channel.retry {
            Some(retry) => self.retry(id, retry).map(Some),
            None => Some(None),
        };
        let carries_up_to = self.opt_all(&channel.carries_up_to, |cx, (scheme, rung)| cx.rung(scheme, rung));
        if channel.capacity == Some(0) {
            self.error("out-of-range", format!("`capacity` of `{id}` must be at least 1"), id.span);
        }
        let validity = self.validity(
            channel.from_date.as_ref(),
            channel.until.as_ref(),
            channel.element.as_ref(),
            None,
            &channel.from_in,
        );
        let (from, to) = (from?, to?);
        let (hours, hours_at) = match &channel.hours {
            Some(calendar) => (self.channel_hours(calendar, &from)?, self.rota_of_all(calendar)?),
            None => (None, Vec::new()),
        };
        let mut validity = validity?;
        if validity.element.is_none() {
            let ends = [&channel.from, &channel.to].into_iter();
            validity.element = ends.filter_map(|end| self.element_of_ends(end)).next();
        }
        Some(m::Channel {
            name: StreamName::new(id.as_str()),
            title: channel.title.clone().unwrap_or_else(|| id.to_string()),
            from,
            to,
            carries,
            latency: latency?,
            loss: loss?,
            retry: retry?,
            worse: worse?,
            hours,
            hours_at,
            hours_of: match channel.hours_of {
                t::HoursOf::Sender => (true, false),
                t::HoursOf::Receiver => (false, true),
                t::HoursOf::Both => (true, true),
            },
            carries_up_to: carries_up_to?,
            capacity: channel.capacity,
            validity,
            basis: convert::opt_basis(channel.basis.as_ref()),
        })
    }

    fn ends(&mut self, ends: &'d t::Ends, near: bool) -> Option<m::Ends> {
        Some(match ends {
            t::Ends::Any => m::Ends::Any,
            t::Ends::Public => m::Ends::Public,
            t::Ends::Operators | t::Ends::Of(t::Selector::Operators) => m::Ends::Operators,
            t::Ends::Of(selector) if near => {
                m::Ends::Of(self.sel_of_nobody(selector, "`from` of a channel")?)
            }
            t::Ends::Of(selector) => m::Ends::Of(self.sel(selector)?),
        })
    }

    fn retry(&mut self, id: &Name, retry: &t::Retry) -> Option<m::Retry> {
        let after = self.gap_site(&format!("channel:{id}/retry"), &retry.after, "a copy");
        let cap = self.opt_site(&format!("channel:{id}/retry-cap"), retry.cap.as_ref(), Use::Duration);
        let growth = retry.growth.unwrap_or(1.0);
        if !(growth.is_finite() && growth >= 1.0) {
            self.error("out-of-range", format!("`growth` of `{id}` must be at least 1"), id.span);
        }
        if retry.at_most == Some(0) {
            self.error("out-of-range", format!("`at_most` of `{id}` must be at least 1"), id.span);
        }
        let timed = match (retry.late, &retry.acknowledgement) {
            (None, None) => None,
            (late, acknowledgement) => {
                let (latency, loss) =
                    acknowledgement.as_ref().map_or((None, None), |a| (a.latency.as_ref(), a.loss.as_ref()));
                let latency = self.opt_site(&format!("channel:{id}/ack-latency"), latency, Use::Duration);
                let loss = self.opt_site(&format!("channel:{id}/ack-loss"), loss, Use::Probability);
                Some(m::Timed { late_counts: late != Some(t::Late::Void), latency: latency?, loss: loss? })
            }
        };
        Some(m::Retry { after: after?, growth, cap: cap?, at_most: retry.at_most, timed })
    }

    /// Hours of a channel for ends that are no actors: in the zone of its senders where they share one, else in that of
    /// the document.
    fn channel_hours(&mut self, calendar: &Name, from: &m::Ends) -> Option<Option<m::RotaId>> {
        let senders = match from {
            m::Ends::Of(sel) => self.possible(sel).unwrap_or_default(),
            _ => Vec::new(),
        };
        let mut zones: Vec<crate::time::Zone> = Vec::new();
        for sender in &senders {
            let zone = &self.actors[sender.index()].zone;
            if !zones.contains(zone) {
                zones.push(zone.clone());
            }
        }
        let zone = match &zones[..] {
            [only] => only.clone(),
            _ => self.zone.clone(),
        };
        self.rota(calendar, &zone, None)
    }
}
