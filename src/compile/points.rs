//! Points of the texts that a document is made from: which parts carry each, and what is said of the others.

use std::collections::BTreeMap;

use crate::document::Span;
use crate::document::types::{Basis, Document, Name};
use crate::model::{self as m, CarrierKind};

use super::context::Cx;
use super::convert;

/// A part of the document that may name points.
struct Part<'d> {
    kind: CarrierKind,
    name: &'d Name,
    /// What stands before the name: the network of a mode.
    of: Option<&'d Name>,
    title: Option<&'d str>,
    basis: Option<&'d Basis>,
    points: &'d [Name],
}

impl<'d> Cx<'d> {
    /// All points with their carriers, in the order of the document.
    pub(super) fn points(&mut self) -> Vec<m::Point> {
        let doc = self.doc;
        let mut points: Vec<m::Point> = doc
            .points
            .iter()
            .map(|(name, point)| m::Point {
                name: name.to_string(),
                title: point.title.clone(),
                nothing: point.nothing.clone(),
                basis: convert::basis(&point.basis),
                carriers: Vec::new(),
            })
            .collect();
        // What a template makes has the place of the template, and is one carrier.
        let mut known: BTreeMap<(usize, CarrierKind, Span), usize> = BTreeMap::new();
        for part in parts(doc) {
            for point in part.points {
                let Some(p) = self.find("point", &doc.points, point) else { continue };
                let carriers = &mut points[p].carriers;
                let at = *known.entry((p, part.kind, part.name.span)).or_insert(carriers.len());
                match carriers.get_mut(at) {
                    // Named twice by one part it is still one.
                    Some(carrier) if carrier.name == part.full_name() => {}
                    Some(carrier) => carrier.alike += 1,
                    None => carriers.push(part.carrier()),
                }
            }
        }
        self.check_points(&points);
        points
    }

    fn check_points(&mut self, points: &[m::Point]) {
        for (point, name) in points.iter().zip(self.doc.points.keys()) {
            match (point.carriers.first(), &point.nothing) {
                (None, None) => {
                    let message = format!("nothing carries the point `{name}`, and nothing says why");
                    self.warning("no-carrier", message, name.span);
                }
                (Some(carrier), Some(_)) => {
                    let message = format!(
                        "the point `{name}` says why nothing carries it, but the {} `{}` does",
                        carrier.kind.words().0,
                        carrier.name
                    );
                    self.warning("carried-anyway", message, name.span);
                }
                _ => {}
            }
        }
    }
}

/// Everything that may name points, in the order in which pages show it.
fn parts(doc: &Document) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    macro_rules! add {
        ($kind:ident, $items:expr, $item:ident => $name:expr, $title:expr, $basis:expr) => {
            for $item in $items {
                parts.push(Part {
                    kind: CarrierKind::$kind,
                    name: $name,
                    of: None,
                    title: $title,
                    basis: $basis,
                    points: &$item.points,
                });
            }
        };
    }
    macro_rules! table {
        ($kind:ident, $section:ident, $item:ident => $title:expr, $basis:expr) => {
            for (name, $item) in &doc.$section {
                add!($kind, [$item], $item => name, $title, $basis);
            }
        };
    }
    table!(Element, elements, x => Some(&x.title), Some(&x.basis));
    table!(Actor, actors, x => Some(&x.title), x.basis.as_ref());
    table!(Role, roles, x => Some(&x.title), x.basis.as_ref());
    table!(Network, networks, x => Some(&x.title), x.basis.as_ref());
    for (name, network) in &doc.networks {
        add!(Mode, &network.modes, x => &x.id, Some(&x.title), network.basis.as_ref());
        let of_network = parts.iter_mut().rev().take(network.modes.len());
        of_network.for_each(|part| part.of = Some(name));
    }
    table!(Fact, facts, x => Some(&x.title), None);
    table!(Product, products, x => Some(&x.title), x.basis.as_ref());
    table!(Statement, statements, x => Some(&x.title), x.basis.as_ref());
    add!(Channel, &doc.channels, x => &x.id, x.title.as_deref(), x.basis.as_ref());
    table!(Task, tasks, x => Some(&x.title), x.basis.as_ref());
    table!(Pool, pools, x => Some(&x.title), x.basis.as_ref());
    add!(Rule, &doc.rules, x => &x.id, x.title.as_deref(), x.basis.as_ref());
    table!(Decision, decisions, x => Some(&x.title), x.basis.as_ref());
    table!(Countermeasure, countermeasures, x => Some(&x.title), Some(&x.basis));
    add!(Duty, &doc.duties, x => &x.id, Some(&x.title), Some(&x.basis));
    table!(Milestone, milestones, x => Some(&x.title), None);
    table!(Parameter, parameters, x => x.title.as_deref(), Some(&x.basis));
    parts
}

impl Part<'_> {
    fn full_name(&self) -> String {
        match self.of {
            Some(of) => format!("{of}/{}", self.name),
            None => self.name.to_string(),
        }
    }

    fn carrier(&self) -> m::Carrier {
        let name = self.full_name();
        m::Carrier {
            kind: self.kind,
            title: self.title.map_or_else(|| name.clone(), str::to_owned),
            name,
            basis: convert::opt_basis(self.basis),
            alike: 0,
        }
    }
}
