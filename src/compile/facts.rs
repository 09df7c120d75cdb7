//! Kinds of fact and their instances, in the order in which [`Model::fact`](crate::model::Model::fact) counts.

use crate::document::Diagnostic;
use crate::document::types::{self as t, Name, Per};
use crate::model::{self as m, FactId, FactKindId, IncidentId, SectorId, StateId, StreamName};

use super::MAX_FACTS;
use super::context::Cx;
use super::convert;
use super::params::Use;

impl<'d> Cx<'d> {
    pub(super) fn compile_facts(&mut self) {
        let doc = self.doc;
        let wanted: u64 = doc.facts.values().map(|kind| self.n_instances(kind)).fold(0, u64::saturating_add);
        if wanted > MAX_FACTS {
            let message = format!("the document makes {wanted} facts; the most is {MAX_FACTS}");
            self.diags.push(Diagnostic::error("too-many", message));
            return;
        }
        for (name, kind) in &doc.facts {
            self.fact_kind(name, kind);
        }
        for (incident, (_, i)) in doc.incidents.iter().enumerate() {
            for (kind, value) in &i.truths {
                self.truth(IncidentId::from_index(incident), kind, value);
            }
        }
        self.untold_truths();
    }

    fn n_instances(&self, kind: &t::FactKind) -> u64 {
        let doc = self.doc;
        let mut n: u64 = 1;
        for (per, length) in [
            (Per::Incident, doc.incidents.len()),
            (Per::State, doc.states.len()),
            (Per::Sector, doc.sectors.len()),
        ] {
            if kind.per.contains(&per) {
                n = n.saturating_mul(length as u64);
            }
        }
        n
    }

    fn fact_kind(&mut self, name: &Name, kind: &'d t::FactKind) {
        let id = FactKindId::from_index(self.fact_kinds.len());
        if name.contains('/') {
            self.error("bad-name", format!("the name of a fact has no `/`: `{name}`"), name.span);
        }
        let value = match &kind.value {
            t::ValueKind::Flag => m::ValueKind::Flag,
            t::ValueKind::Choice(names) => {
                self.ladder(name, "choice", names.iter());
                if names.len() < 2 {
                    self.error(
                        "missing",
                        format!("`{name}` is a choice and needs at least two values"),
                        name.span,
                    );
                }
                m::ValueKind::Choice(names.iter().map(|choice| choice.to_string()).collect())
            }
            t::ValueKind::Number { factor } => {
                let factor = factor.unwrap_or(2.0);
                if !(factor.is_finite() && factor >= 1.0) {
                    self.error("out-of-range", format!("`factor` of `{name}` must be at least 1"), name.span);
                }
                m::ValueKind::Number(factor)
            }
        };
        if kind.truth == t::Truth::HitCount && !matches!(value, m::ValueKind::Number(_)) {
            let message = format!("`{name}` counts hits, so its `value` must be `Number()`");
            self.error("contradiction", message, name.span);
        }
        let weight = kind.weight.unwrap_or(1.0);
        if !(weight.is_finite() && weight >= 0.0) {
            self.error("out-of-range", format!("`weight` of `{name}` must be at least 0"), name.span);
        }
        let concerns = self.opt_fixed_set(kind.concerns.as_ref(), "`concerns`").flatten();
        let shared =
            self.opt_site(&format!("fact:{name}/shared"), kind.shared.as_ref(), Use::Probability).flatten();
        let first = FactId::from_index(self.facts.len());
        self.instances(id, name, kind);
        self.fact_kinds.push(m::FactKind {
            name: name.to_string(),
            per_incident: kind.per.contains(&Per::Incident),
            per_state: kind.per.contains(&Per::State),
            per_sector: kind.per.contains(&Per::Sector),
            first,
            n_instances: self.facts.len() - first.index(),
            value,
            truth: convert::truth(kind.truth),
            weight,
            concerns,
            shared,
            shared_with: Vec::new(),
            derived: None,
            feeds: Vec::new(),
        });
    }

    fn instances(&mut self, id: FactKindId, name: &Name, kind: &t::FactKind) {
        let doc = self.doc;
        let range = |per: Per, length: usize| -> Vec<Option<usize>> {
            if kind.per.contains(&per) { (0..length).map(Some).collect() } else { vec![None] }
        };
        for incident in range(Per::Incident, doc.incidents.len()) {
            for state in range(Per::State, doc.states.len()) {
                for sector in range(Per::Sector, doc.sectors.len()) {
                    let mut full = name.to_string();
                    let mut title = kind.title.clone();
                    let parts = [
                        (
                            "{incident}",
                            incident.and_then(|i| doc.incidents.get_index(i)).map(|(n, x)| (n, &x.title)),
                        ),
                        ("{state}", state.and_then(|i| doc.states.get_index(i)).map(|(n, x)| (n, &x.title))),
                        (
                            "{sector}",
                            sector.and_then(|i| doc.sectors.get_index(i)).map(|(n, x)| (n, &x.title)),
                        ),
                    ];
                    for (placeholder, part) in parts {
                        if let Some((part, part_title)) = part {
                            full = format!("{full}/{part}");
                            title = title.replace(placeholder, part_title);
                        }
                    }
                    self.fact_ids.insert(full.clone(), FactId::from_index(self.facts.len()));
                    self.facts.push(m::Fact {
                        name: StreamName::new(full),
                        title,
                        kind: id,
                        incident: incident.map(IncidentId::from_index),
                        state: state.map(StateId::from_index),
                        sector: sector.map(SectorId::from_index),
                        true_choice: None,
                    });
                }
            }
        }
    }

    /// The true value of a choice, as an incident states it.
    fn truth(&mut self, incident: IncidentId, kind: &Name, value: &Name) {
        let Some(id) = self.kind_id(kind) else { return };
        let Some(choice) = self.choice(id, kind, value) else { return };
        for fact in &mut self.facts[self.fact_kinds[id.index()].range()] {
            if fact.incident.is_none_or(|of| of == incident) {
                fact.true_choice = Some(choice);
            }
        }
    }

    /// The position of a value among the choices of a kind of fact.
    pub(super) fn choice(&mut self, id: FactKindId, kind: &Name, value: &Name) -> Option<u32> {
        let t::ValueKind::Choice(names) = &self.doc.facts[id.index()].value else {
            self.error("not-possible", format!("`{kind}` is not a choice of values"), value.span);
            return None;
        };
        match names.iter().position(|name| name == value) {
            Some(position) => u32::try_from(position).ok(),
            None => {
                self.unknown(&format!("value of `{kind}`"), value, names.iter().map(|name| name.as_str()));
                None
            }
        }
    }

    /// Choices whose truth nobody states.
    fn untold_truths(&mut self) {
        let doc = self.doc;
        for (position, (name, kind)) in doc.facts.iter().enumerate() {
            let is_found = matches!(kind.value, t::ValueKind::Choice(_)) && kind.derived.is_none();
            if !is_found || !kind.per.contains(&Per::Incident) {
                continue;
            }
            let mut untold: Vec<IncidentId> = self.facts[self.fact_kinds[position].range()]
                .iter()
                .filter(|fact| fact.true_choice.is_none())
                .filter_map(|fact| fact.incident)
                .collect();
            untold.dedup();
            for incident in untold {
                let Some((incident, _)) = doc.incidents.get_index(incident.index()) else { continue };
                let message = format!("the incident `{incident}` does not state the truth of `{name}`");
                self.diags.push(
                    Diagnostic::warning("no-truth", message).at(incident.span).hint(format!(
                        "add `truths: {{\"{name}\": \"...\"}}`; without it no finding is wrong"
                    )),
                );
            }
        }
    }

    /// An instance of a fact by its full name.
    pub(super) fn fact_id(&mut self, name: &Name) -> Option<FactId> {
        if let Some(&id) = self.fact_ids.get(name.as_str()) {
            return Some(id);
        }
        let kind = name.split('/').next().unwrap_or_default();
        let of_kind: Vec<String> = match self.doc.facts.get_index_of(kind) {
            Some(position) if self.may_suggest() => {
                let range = self.fact_kinds.get(position).map_or(0..0, m::FactKind::range);
                self.facts[range].iter().map(|fact| fact.name.text.clone()).collect()
            }
            _ => Vec::new(),
        };
        let known: Vec<String> = match of_kind.is_empty() && self.may_suggest() {
            true => self.fact_ids.keys().cloned().collect(),
            false => of_kind.clone(),
        };
        let message = format!("no fact is called `{}`", super::context::clip(name));
        let mut diagnostic = Diagnostic::error("unknown-name", message)
            .at(name.span)
            .did_you_mean(name, known.iter().map(String::as_str));
        if let Some(example) = of_kind.first() {
            diagnostic = diagnostic.hint(format!("its instances are called as in `{example}`"));
        }
        self.diags.push(diagnostic);
        None
    }

    /// A fact of which a rule speaks with a scope, which needs a fact per state.
    pub(super) fn scoped(&mut self, fact: &Name, of: t::Scope) -> Option<(FactKindId, m::Scope)> {
        let id = self.kind_id(fact)?;
        // `Same` also speaks of the incident in hand, which every fact may have.
        let of_a_state = matches!(of, t::Scope::Own | t::Scope::Other);
        if of_a_state && !self.doc.facts[id.index()].per.contains(&Per::State) {
            let message = format!("`{fact}` is no fact per state, so `of` has no meaning here");
            self.error("not-possible", message, fact.span);
            return None;
        }
        Some((id, convert::scope(of)))
    }
}
