//! Parameters: laws per state, references to them, the places that draw from them.

use std::collections::BTreeMap;

use crate::des::Law;
use crate::document::Span;
use crate::document::types::{self as t, Name, Quantity};
use crate::model::{self as m, ParamId, SiteId, StateId, StreamName, Unit};
use crate::time::SimDuration;

use super::context::{Cx, clip};
use super::convert;
use super::quantities::{dist_text, law, looks_like_quantity, quantity_text, unit_words, value};

/// What a place wants of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A duration.
    Duration,
    /// Events per time.
    Rate,
    /// A number from 0 to 1.
    Probability,
    /// A number that is not negative.
    Factor,
    /// Any number.
    Number,
}

impl Use {
    fn unit(self) -> Unit {
        match self {
            Use::Duration => Unit::Duration,
            Use::Rate => Unit::Rate,
            Use::Probability | Use::Factor | Use::Number => Unit::Number,
        }
    }

    fn example(self) -> &'static str {
        match self {
            Use::Duration => "a duration such as `90min`",
            Use::Rate => "a rate such as `0.9 per h`",
            Use::Probability => "a probability",
            Use::Factor | Use::Number => "a plain number",
        }
    }

    /// The values allowed, in words and as an interval.
    fn range(self) -> (&'static str, f64, f64) {
        match self {
            Use::Probability => ("between 0 and 1", 0.0, 1.0),
            Use::Number => ("finite", f64::NEG_INFINITY, f64::INFINITY),
            _ => ("at least 0", 0.0, f64::INFINITY),
        }
    }
}

impl<'d> Cx<'d> {
    /// All named parameters: first the general ones, then those of single states.
    pub(super) fn compile_params(&mut self) {
        let doc = self.doc;
        for (name, parameter) in &doc.parameters {
            if !name.contains('@') {
                let param = self.named_param(name, parameter);
                self.param_ids.insert(name.as_str(), ParamId::from_index(self.params.len()));
                self.params.push(param);
            }
        }
        for (name, parameter) in &doc.parameters {
            if let Some((base, state)) = name.split_once('@') {
                self.state_variant(name, base, state, parameter);
            }
        }
    }

    /// The law, unit and text of a parameter; a stand-in with an error where there is none.
    fn law_of(&mut self, name: &Name, p: &t::Parameter) -> (Law, Unit, String) {
        let made = match (&p.value, &p.dist) {
            (Some(quantity), None) => value(quantity)
                .map_err(|message| ("bad-quantity", message, quantity.span))
                .and_then(|(v, unit)| match Law::fixed(v) {
                    Ok(law) => Ok((law, unit, quantity_text(quantity))),
                    Err(error) => Err(("bad-quantity", error.to_string(), quantity.span)),
                }),
            (None, Some(dist)) => law(dist)
                .map(|(law, unit)| (law, unit, dist_text(dist)))
                .map_err(|(code, message)| (code, message, dist.span)),
            (Some(_), Some(_)) => Err((
                "contradiction",
                format!("`{name}` has a `value` and a `dist`; give one of them"),
                name.span,
            )),
            (None, None) => Err(("missing", format!("`{name}` has neither `value` nor `dist`"), name.span)),
        };
        made.unwrap_or_else(|(code, message, span)| {
            self.error(code, message, span);
            (Law::never(), Unit::Number, String::new())
        })
    }

    fn named_param(&mut self, name: &Name, p: &t::Parameter) -> m::Param {
        let (law, unit, text) = self.law_of(name, p);
        // Of a value that could not be read, the range has nothing to be held against.
        let bounds = if text.is_empty() { None } else { self.check_range(name, p, &law, unit) };
        let shared = p.shared_in_state.unwrap_or(0.0);
        if !(0.0..=1.0).contains(&shared) {
            let message =
                format!("`shared_in_state` of `{name}` is a correlation between 0 and 1, not {shared}");
            self.error("out-of-range", message, name.span);
        }
        if let (Some(group), None) = (&p.shared_as, p.shared_in_state) {
            let message = format!("`shared_as` of `{name}` goes with `shared_in_state`");
            self.error("contradiction", message, group.span);
        }
        let mut param = m::Param {
            name: name.to_string(),
            literal: false,
            unit,
            unit_text: p.unit.clone().unwrap_or_default(),
            laws: vec![law],
            law_of_state: Vec::new(),
            table: Vec::new(),
            shared_in_state: shared,
            fitted_to: p.fitted_to.iter().map(|name| name.to_string()).collect(),
            shared_as: p.shared_as.as_ref().map(|group| StreamName::new(group.as_str())),
            basis: convert::basis(&p.basis),
            range: p.range.as_ref().map(|(lo, hi)| (quantity_text(lo), quantity_text(hi))),
            bounds,
            written: vec![(String::new(), text)],
            title: p.title.clone().unwrap_or_default(),
            fixed: false,
        };
        if let Some(attribute) = &p.scaled_by {
            self.scale_by_state(&mut param, attribute);
        }
        param
    }

    /// Multiplies the law by a public attribute, state by state.
    fn scale_by_state(&mut self, param: &mut m::Param, attribute: &Name) {
        let doc = self.doc;
        let base = param.laws[0].clone();
        let mut law_of_state = vec![0_u16; doc.states.len()];
        let mut by_factor: BTreeMap<u64, u16> = BTreeMap::new();
        let mut lacking = Vec::new();
        for (i, (state, s)) in doc.states.iter().enumerate() {
            let Some(&factor) = s.attributes.get(attribute.as_str()) else {
                lacking.push(state.as_str());
                continue;
            };
            if factor == 1.0 {
                continue;
            }
            let known = by_factor.get(&factor.to_bits()).copied();
            law_of_state[i] = match (known, base.clone().scaled(factor)) {
                (Some(known), _) => known,
                (None, Ok(law)) => {
                    param.laws.push(law);
                    param.written.push((state.to_string(), format!("{factor} x {}", param.written[0].1)));
                    let position = (param.laws.len() - 1) as u16;
                    by_factor.insert(factor.to_bits(), position);
                    position
                }
                (None, Err(error)) => {
                    let message = format!("attribute `{attribute}` of `{state}`: {error}");
                    self.error("out-of-range", message, attribute.span);
                    0
                }
            };
        }
        if lacking.len() == doc.states.len() {
            let mut known: Vec<&str> =
                doc.states.values().flat_map(|s| s.attributes.keys().map(String::as_str)).collect();
            known.sort_unstable();
            known.dedup();
            self.unknown("attribute of a state", attribute, known);
        } else if !lacking.is_empty() {
            let message = format!(
                "`{}` is not scaled in {}: no attribute `{attribute}` there",
                param.name,
                listed(&lacking)
            );
            self.warning("missing-attribute", message, attribute.span);
        }
        param.law_of_state = law_of_state;
    }

    /// `name@STATE`, `name@sector`, `name@STATE/OTHER`, `name@STATE/sector`: another law in one place.
    fn state_variant(&mut self, name: &Name, base: &str, state: &str, p: &t::Parameter) {
        let doc = self.doc;
        let (law, unit, text) = self.law_of(name, p);
        let place = |part: &str| t::Name::new(part.to_owned(), name.span);
        let Some(&id) = self.param_ids.get(base) else {
            let known = self.known_params();
            return self.unknown("parameter", &place(base), known);
        };
        let Some(at) = self.place_of_law(&place(state)) else { return };
        let param = &mut self.params[id.index()];
        if text.is_empty() {
            return;
        }
        if param.unit != unit {
            let message =
                format!("`{name}` is {}, but `{base}` is {}", unit_words(unit), unit_words(param.unit));
            return self.error("wrong-unit", message, name.span);
        }
        let position = param.laws.len() as u16;
        match at {
            m::Where { state: Some(state_id), other: None, sector: None } => {
                if param.law_of_state.is_empty() {
                    param.law_of_state = vec![0; doc.states.len()];
                }
                param.law_of_state[state_id.index()] = position;
            }
            _ => {
                // A pair of states is narrower than a sector of a state, and that than a sector.
                let width = |w: &m::Where| (w.state.is_some(), w.other.is_some());
                let before = param.table.partition_point(|(w, _)| width(w) <= width(&at));
                param.table.insert(before, (at, position));
            }
        }
        param.laws.push(law);
        param.written.push((state.to_owned(), text));
        let law = param.laws[param.laws.len() - 1].clone();
        self.check_range(name, p, &law, unit);
    }

    /// A place in a table of a parameter: a state, a sector, a pair of states, a sector of a state.
    fn place_of_law(&mut self, place: &Name) -> Option<m::Where> {
        let doc = self.doc;
        let sector = |name: &str| doc.sectors.get_index_of(name).map(m::SectorId::from_index);
        let Some((first, second)) = place.split_once('/') else {
            return match sector(place) {
                Some(sector) if !doc.states.contains_key(place.as_str()) => {
                    Some(m::Where { sector: Some(sector), ..m::Where::default() })
                }
                _ => self.state_id(place).map(|state| m::Where { state: Some(state), ..m::Where::default() }),
            };
        };
        let state = self.state_id(&t::Name::new(first.to_owned(), place.span))?;
        let at = m::Where { state: Some(state), ..m::Where::default() };
        if let Some(sector) = sector(second) {
            return Some(m::Where { sector: Some(sector), ..at });
        }
        let other = self.state_id(&t::Name::new(second.to_owned(), place.span))?;
        Some(m::Where { other: Some(other), ..at })
    }

    /// The plausible range, and whether the value or median lies in it; none if there is no range, or a wrong one.
    fn check_range(&mut self, name: &Name, p: &t::Parameter, law: &Law, unit: Unit) -> Option<(f64, f64)> {
        let (lo, hi) = p.range.as_ref()?;
        let mut end = |q: &t::Param| match value(q) {
            // Zero is zero in every unit.
            Ok((v, u)) if u == unit || v == 0.0 => Some(v),
            Ok((_, u)) => {
                let message = format!(
                    "the range of `{name}` is {}, but `{name}` is {}",
                    unit_words(u),
                    unit_words(unit)
                );
                self.error("wrong-unit", message, q.span);
                None
            }
            Err(message) => {
                self.error("bad-quantity", message, q.span);
                None
            }
        };
        let (Some(low), Some(high)) = (end(lo), end(hi)) else { return None };
        if low >= high {
            let message = format!("the range of `{name}` must rise, from its lower to its upper end");
            self.error("out-of-range", message, lo.span);
            return None;
        }
        let middle = law.quantile(0.5);
        if !(low..=high).contains(&middle) {
            let what = if p.dist.is_some() { "the median of " } else { "" };
            let message = format!(
                "{what}`{name}` is {}, outside its plausible range {} to {}",
                shown(middle, unit),
                quantity_text(lo),
                quantity_text(hi)
            );
            self.warning("outside-range", message, name.span);
        }
        Some((low, high))
    }

    /// The parameter that a reference means; a literal becomes a parameter without a name of its own.
    pub(super) fn param(&mut self, p: &t::Param, wanted: Use) -> Option<ParamId> {
        let id = match &**p {
            Quantity::Text(text) => match self.param_ids.get(text.as_str()) {
                Some(&id) => id,
                None if looks_like_quantity(text) => self.literal(p, wanted)?,
                None => {
                    let known = self.known_params();
                    self.unknown("parameter", &Name::new(text.clone(), p.span), known);
                    return None;
                }
            },
            Quantity::Number(_) => self.literal(p, wanted)?,
        };
        self.used_params.insert(id);
        self.check_use(id, p, wanted).then_some(id)
    }

    fn literal(&mut self, p: &t::Param, wanted: Use) -> Option<ParamId> {
        let (number, mut unit) = match value(p) {
            Ok(made) => made,
            Err(message) => {
                self.error("bad-quantity", message, p.span);
                return None;
            }
        };
        if number == 0.0 {
            unit = wanted.unit();
        }
        let text = quantity_text(p);
        let key = format!("{unit:?} {text}");
        if let Some(&id) = self.literals.get(&key) {
            return Some(id);
        }
        let id = ParamId::from_index(self.params.len());
        self.literals.insert(key, id);
        self.params.push(m::Param {
            name: text.clone(),
            literal: true,
            unit,
            unit_text: String::new(),
            laws: vec![Law::fixed(number).unwrap_or_else(|_| Law::never())],
            law_of_state: Vec::new(),
            table: Vec::new(),
            shared_in_state: 0.0,
            fitted_to: Vec::new(),
            shared_as: None,
            basis: m::Basis::Unstated,
            range: None,
            bounds: None,
            written: vec![(String::new(), text)],
            title: String::new(),
            fixed: false,
        });
        Some(id)
    }

    /// Whether a parameter is of the kind, and inside the range, that a place wants.
    fn check_use(&mut self, id: ParamId, p: &t::Param, wanted: Use) -> bool {
        let param = &self.params[id.index()];
        let declared = (!param.literal).then(|| self.declared(&param.name)).flatten();
        let also = |d: crate::document::Diagnostic| match declared {
            Some(span) => d.also(span, "declared here"),
            None => d,
        };
        // A parameter that could not be read has been told already.
        if param.written[0].1.is_empty() {
            return false;
        }
        if param.unit != wanted.unit() {
            let message = format!(
                "`{}` is {}, but {} is wanted here",
                clip(&param.name),
                unit_words(param.unit),
                wanted.example()
            );
            let error = crate::document::Diagnostic::error("wrong-unit", message).at(p.span);
            self.diags.push(also(error).expected(wanted.example()));
            return false;
        }
        let (words, lo, hi) = wanted.range();
        for (i, law) in param.laws.iter().enumerate() {
            let (low, high) = law.support();
            // What never happens is no value.
            let high = if high == f64::INFINITY && law.probability_never() > 0.0 { low } else { high };
            if low < lo || high > hi {
                let wrong = if low < lo { low } else { high };
                let place = &param.written[i.min(param.written.len() - 1)].0;
                let place = if place.is_empty() { String::new() } else { format!(" in `{place}`") };
                let message = format!(
                    "`{}` must be {words} here, but can be {}{place}",
                    clip(&param.name),
                    shown(wrong, param.unit)
                );
                let error = crate::document::Diagnostic::error("out-of-range", message).at(p.span);
                self.diags.push(also(error).expected(format!("a value {words}")));
                return false;
            }
        }
        true
    }

    /// Where a parameter stands in the document.
    fn declared(&self, name: &str) -> Option<Span> {
        self.doc.parameters.get_key_value(name).map(|(key, _)| key.span)
    }

    /// A place that draws: `place/parameter`, or the place alone for a literal.
    pub(super) fn site(&mut self, place: &str, p: &t::Param, wanted: Use) -> Option<SiteId> {
        let param = self.param(p, wanted)?;
        Some(self.site_of(place, param))
    }

    pub(super) fn site_of(&mut self, place: &str, param: ParamId) -> SiteId {
        let p = &self.params[param.index()];
        let purpose = if p.literal { place.to_owned() } else { format!("{place}/{}", p.name) };
        self.add_site(purpose, param)
    }

    /// Adds a site; a purpose that is there already gets a running number.
    pub(super) fn add_site(&mut self, purpose: String, param: ParamId) -> SiteId {
        let n = self.purposes.entry(purpose.clone()).or_insert(0);
        *n += 1;
        if *n > 1 {
            // A name may itself end in `#2`.
            let numbered = format!("{purpose}#{n}");
            return self.add_site(numbered, param);
        }
        self.sites.push(m::Site { purpose: StreamName::new(purpose), param });
        SiteId::from_index(self.sites.len() - 1)
    }

    /// A site for an optional parameter: the outer `None` is an error.
    pub(super) fn opt_site(
        &mut self,
        place: &str,
        p: Option<&t::Param>,
        wanted: Use,
    ) -> Option<Option<SiteId>> {
        match p {
            None => Some(None),
            Some(p) => self.site(place, p, wanted).map(Some),
        }
    }

    /// A site of something that recurs: its mean must not be shorter than [`super::MIN_GAP_US`].
    pub(super) fn gap_site(&mut self, place: &str, p: &t::Param, what: &str) -> Option<SiteId> {
        let param = self.param(p, Use::Duration)?;
        let laws = &self.params[param.index()].laws;
        if let Some(mean) = laws.iter().map(mean).find(|mean| *mean < super::MIN_GAP_US) {
            let message = format!(
                "{what} would come every {} on average; the least is 1 ms",
                shown(mean, Unit::Duration)
            );
            self.error("too-frequent", message, p.span);
            return None;
        }
        Some(self.site_of(place, param))
    }

    /// The value of a parameter where a number is needed once for the whole run: its mean.
    pub(super) fn number(&mut self, p: &t::Param, wanted: Use, state: Option<StateId>) -> Option<f64> {
        let id = self.param(p, wanted)?;
        self.params[id.index()].fixed = true;
        let law = self.params[id.index()].law(state);
        let (low, high) = law.support();
        let mean = mean(law);
        if low < high {
            let name = self.params[id.index()].name.clone();
            let message = format!("only the mean of `{name}` is used here, {}", shown(mean, wanted.unit()));
            self.warning("mean-only", message, p.span);
        }
        if mean.is_finite() {
            return Some(mean);
        }
        self.error("out-of-range", "a value that may never come cannot be used here", p.span);
        None
    }

    /// An optional number with a default.
    pub(super) fn number_or(&mut self, p: Option<&t::Param>, wanted: Use, default: f64) -> Option<f64> {
        match p {
            Some(p) => self.number(p, wanted, None),
            None => Some(default),
        }
    }

    /// A fixed length of time.
    pub(super) fn duration(&mut self, p: &t::Param) -> Option<SimDuration> {
        self.number(p, Use::Duration, None).map(SimDuration::from_micros_f64)
    }
}

/// The mean of a law, by quantiles where there is no closed form; infinite where it may never come.
pub(super) fn mean(law: &Law) -> f64 {
    /// Points of the midpoint rule.
    const POINTS: u32 = 2_000;
    if let Some(mean) = law.mean() {
        return mean;
    }
    if law.probability_never() > 0.0 {
        return f64::INFINITY;
    }
    let n = f64::from(POINTS);
    (0..POINTS).map(|i| law.quantile((f64::from(i) + 0.5) / n)).sum::<f64>() / n
}

/// A value in the words of messages.
pub(super) fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Duration if value.is_finite() && value >= 0.0 => {
            SimDuration::from_micros_f64(value).to_string()
        }
        Unit::Rate => format!("{} per h", value * 3.6e9),
        _ => format!("{value}"),
    }
}

/// Names for a message, the first few of them.
pub(super) fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(6).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(6);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
