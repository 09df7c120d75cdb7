//! From the factors of an experiment to its variants.

use super::ranges::Range;
use super::variants::Variant;
use crate::document::types::{Design, Experiment, ExperimentVariant, Factor};
use crate::document::{Change, Diagnostic, Diagnostics};
use crate::stats::design::{self, Sobol, latin_hypercube};

/// More variants are refused.
const MOST_VARIANTS: usize = 100_000;

/// A point of a design: its name, and what it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Its name.
    pub name: String,
    /// What it changes.
    pub changes: Vec<Change>,
}

/// What a factor can be.
enum Kind {
    /// One of listed levels.
    Levels(Vec<Point>),
    /// Anything between two ends.
    Between(Range),
}

/// The points of an experiment's design. `range` gives the plausible range of a parameter that can be moved in one;
/// `words` are the random words of a design that needs some.
///
/// # Errors
/// What is wrong with factors, design and variants.
pub fn points(
    experiment: &Experiment,
    range: &dyn Fn(&str) -> Option<Range>,
    words: &mut dyn Iterator<Item = u64>,
) -> Result<Vec<Point>, Vec<Diagnostic>> {
    let mut d = Diagnostics::new();
    let sampled = matches!(experiment.design, Design::LatinHypercube(_) | Design::Sobol(_));
    let mut kinds = Vec::new();
    for factor in &experiment.factors {
        if let Some(kind) = kind(factor, sampled, range, &mut d) {
            kinds.push((factor, kind));
        }
    }
    let listed: Vec<Point> = experiment.variants.iter().filter_map(|v| point(v, &mut d)).collect();
    let head = experiment.id.span;
    if experiment.design == Design::List {
        if let Some(factor) = experiment.factors.first() {
            let message = "a design `List` uses no factors";
            d.push(Diagnostic::error("unused-factors", message).at(factor.id.span).hint(
                "list `variants`, or say `design: OneAtATime`, `FullFactorial`, `LatinHypercube(n)` or `Sobol(n)`",
            ));
        }
    } else {
        if let Some(variant) = experiment.variants.first() {
            let message = "`variants` belong to `design: List`";
            d.push(Diagnostic::error("unused-variants", message).at(variant.name.span));
        }
        if experiment.factors.is_empty() {
            let message = "this design needs `factors`";
            d.push(Diagnostic::error("missing-field", message).at(head));
        }
    }
    if d.has_errors() {
        return Err(d.into_sorted());
    }
    let too_many = |n: Option<usize>| {
        let n = n.map_or_else(|| "too many".to_owned(), |n| n.to_string());
        vec![
            Diagnostic::error(
                "too-large",
                format!("the design has {n} variants; {MOST_VARIANTS} are the most"),
            )
            .at(head),
        ]
    };
    let all = match experiment.design {
        Design::List if listed.is_empty() => {
            vec![Point { name: AS_IT_IS.to_owned(), changes: Vec::new() }]
        }
        Design::List => listed,
        Design::OneAtATime => one_at_a_time(&kinds),
        Design::FullFactorial => {
            let sizes: Vec<usize> = kinds.iter().map(|(_, kind)| levels(kind).len()).collect();
            let Some(design) = design::full_factorial(&sizes, MOST_VARIANTS) else {
                return Err(too_many(design::combinations(&sizes)));
            };
            design.iter().map(|combination| combined(&kinds, combination)).collect()
        }
        Design::LatinHypercube(n) | Design::Sobol(n) => {
            if n == 0 || n as usize > MOST_VARIANTS {
                return Err(too_many(Some(n as usize)));
            }
            let mut words = words;
            let found = match experiment.design {
                Design::Sobol(_) => Sobol::scrambled(kinds.len(), &mut words).map(|sobol| sobol.points(n)),
                _ => latin_hypercube(n as usize, kinds.len(), &mut words),
            };
            let Some(found) = found else {
                let message = format!("a design of {} factors is more than this one can do", kinds.len());
                return Err(vec![Diagnostic::error("too-large", message).at(head)]);
            };
            let width = n.to_string().len();
            found.iter().enumerate().map(|(i, at)| sampled_point(&kinds, i + 1, width, at)).collect()
        }
    };
    let mut names: Vec<&str> = all.iter().map(|point| point.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        let message = format!("two variants are called `{}`", twice[0]);
        return Err(vec![Diagnostic::error("duplicate-name", message).at(head)]);
    }
    Ok(all)
}

/// The name of a variant that changes nothing.
pub const AS_IT_IS: &str = "as it is";

/// The variants of an experiment: each point over each base, the name of the base first where there are several.
pub fn over_bases(points: &[Point], bases: &[String]) -> Vec<Variant> {
    let each = |(base, name): (usize, &String)| {
        let several = bases.len() > 1;
        let name = name.clone();
        points.iter().map(move |point| Variant {
            name: if several { format!("{name}: {}", point.name) } else { point.name.clone() },
            base,
            changes: point.changes.clone(),
        })
    };
    bases.iter().enumerate().flat_map(each).collect()
}

fn point(variant: &ExperimentVariant, d: &mut Diagnostics) -> Option<Point> {
    let mut changes = Vec::new();
    for text in &variant.changes {
        match Change::parse_list(text) {
            Ok(parsed) => changes.extend(parsed),
            Err(message) => d.push(Diagnostic::error("bad-change", message).at(text.span)),
        }
    }
    if let Some(overrides) = &variant.overrides {
        if overrides.fields().is_none() {
            d.push(crate::document::decode::wrong_type("a record `(section: {..}, ..)`", overrides));
            return None;
        }
        changes.push(Change::Over(overrides.clone()));
    }
    Some(Point { name: variant.name.value.clone(), changes })
}

fn kind(
    factor: &Factor,
    sampled: bool,
    range: &dyn Fn(&str) -> Option<Range>,
    d: &mut Diagnostics,
) -> Option<Kind> {
    let span = factor.id.span;
    let mut wrong = |message: String, hint: &str| {
        d.push(Diagnostic::error("bad-factor", message).at(span).hint(hint));
        None
    };
    let say =
        "write `levels: [..]`, or `set: \"name\"` with `values: [..]` or, for a parameter, `between: (..)`";
    match (&factor.set, factor.levels.is_empty()) {
        (Some(_), false) => return wrong(format!("factor `{}` has `levels` and `set`", *factor.id), say),
        (None, true) => return wrong(format!("factor `{}` varies nothing", *factor.id), say),
        (None, false) if !factor.values.is_empty() || factor.between.is_some() => {
            return wrong(format!("factor `{}` has `levels`, and values for nothing", *factor.id), say);
        }
        (None, false) => {
            let levels: Vec<Point> = factor.levels.iter().filter_map(|level| point(level, d)).collect();
            return (levels.len() == factor.levels.len()).then_some(Kind::Levels(levels));
        }
        (Some(_), true) => {}
    }
    let name = factor.set.as_ref()?;
    if !factor.values.is_empty() {
        if factor.between.is_some() {
            return wrong(format!("factor `{}` has `values` and `between`", *factor.id), say);
        }
        let level = |value: &crate::document::types::Name| Point {
            name: value.value.clone(),
            changes: vec![Change::Set { name: name.value.clone(), value: value.value.clone() }],
        };
        return Some(Kind::Levels(factor.values.iter().map(level).collect()));
    }
    if !sampled {
        return wrong(
            format!("factor `{}` has no `values`", *factor.id),
            "a range is for `LatinHypercube(n)` and `Sobol(n)`; other designs need `values: [..]`",
        );
    }
    let base = name.split_once('@').map_or(name.as_str(), |(base, _)| base);
    let Some(mut found) = range(base) else {
        return wrong(
            format!("`{base}` is no parameter that can be moved"),
            "name a parameter with one value or distribution for all, or give `values: [..]`",
        );
    };
    if let Some((low, high)) = &factor.between {
        let ends = found.read(low).zip(found.read(high));
        let Some(moved) = ends.and_then(|(low, high)| found.between(low, high)) else {
            return wrong(
                format!("the ends of factor `{}` are no values of `{base}`, the lower first", *factor.id),
                "write them as the parameter's own value is written; those of a distribution are above 0",
            );
        };
        found = moved;
    } else if found.low >= found.high {
        return wrong(
            format!("`{base}` has no plausible range"),
            "say `between: (LOW, HIGH)`, or give the parameter a `range`",
        );
    }
    found.name = name.value.clone();
    Some(Kind::Between(found))
}

fn levels(kind: &Kind) -> &[Point] {
    match kind {
        Kind::Levels(levels) => levels,
        Kind::Between(_) => &[],
    }
}

fn one_at_a_time(kinds: &[(&Factor, Kind)]) -> Vec<Point> {
    let mut all = vec![Point { name: AS_IT_IS.to_owned(), changes: Vec::new() }];
    for (factor, kind) in kinds {
        // A level that changes nothing is the scenario as it is.
        for level in levels(kind).iter().filter(|level| !level.changes.is_empty()) {
            all.push(Point {
                name: format!("{}={}", *factor.id, level.name),
                changes: level.changes.clone(),
            });
        }
    }
    all
}

fn combined(kinds: &[(&Factor, Kind)], combination: &[usize]) -> Point {
    let mut names = Vec::new();
    let mut changes = Vec::new();
    for ((factor, kind), &level) in kinds.iter().zip(combination) {
        let level = &levels(kind)[level];
        names.push(format!("{}={}", *factor.id, level.name));
        changes.extend(level.changes.iter().cloned());
    }
    Point { name: names.join(", "), changes }
}

/// A point in the unit cube as values of the factors: listed levels have equal shares.
fn sampled_point(kinds: &[(&Factor, Kind)], number: usize, width: usize, at: &[f64]) -> Point {
    let mut changes = Vec::new();
    for ((_, kind), &share) in kinds.iter().zip(at) {
        match kind {
            Kind::Between(range) => changes.push(range.change(range.value(share))),
            Kind::Levels(levels) => {
                let level = ((share * levels.len() as f64) as usize).min(levels.len() - 1);
                changes.extend(levels[level].changes.iter().cloned());
            }
        }
    }
    Point { name: format!("point {number:0width$}"), changes }
}
