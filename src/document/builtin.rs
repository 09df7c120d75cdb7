//! The documents that ship inside the program: the folder `scenarios/`, embedded when it is built.

use include_dir::{Dir, include_dir};

use super::read;
use super::source::SourceMap;

static SCENARIOS: Dir = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// What a document describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Who cooperates, and how.
    Blueprint,
    /// What happens.
    Scenario,
    /// Which runs are made.
    Experiment,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Blueprint, Kind::Scenario, Kind::Experiment];

    /// The word for it in commands and files.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Blueprint => "blueprint",
            Kind::Scenario => "scenario",
            Kind::Experiment => "experiment",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The folder of `scenarios/` that holds documents of this kind.
    fn folder(self) -> &'static str {
        match self {
            Kind::Blueprint => "blueprints",
            Kind::Scenario => "incidents",
            Kind::Experiment => "experiments",
        }
    }
}

/// A document inside the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    pub kind: Kind,
    /// The name of its file without `.ron`.
    pub name: &'static str,
    pub text: &'static str,
}

impl BuiltIn {
    /// The document's own `title`, or that of the nearest document it extends; empty if none has one.
    pub fn title(&self) -> String {
        title(*self, &all(), 0).unwrap_or_default()
    }
}

fn title(document: BuiltIn, all: &[BuiltIn], depth: usize) -> Option<String> {
    let node = read::read_text(&mut SourceMap::new(), document.name, document.text).ok()?;
    if let Some(title) = node.field("title").and_then(|title| title.as_str()) {
        return Some(title.to_owned());
    }
    let base = node.field("extends")?.as_str()?;
    let base = all.iter().find(|document| document.name == base)?;
    if depth < super::merge::MAX_CHAIN { title(*base, all, depth + 1) } else { None }
}

/// All built-in documents, by name.
pub fn all() -> Vec<BuiltIn> {
    let mut all: Vec<BuiltIn> = Kind::ALL.into_iter().flat_map(of_kind).collect();
    all.sort_by_key(|document| (document.name, document.kind));
    all
}

fn of_kind(kind: Kind) -> impl Iterator<Item = BuiltIn> {
    let files = SCENARIOS.get_dir(kind.folder()).into_iter().flat_map(Dir::files);
    files.filter_map(move |file| {
        let path = file.path();
        let is_document = path.extension().is_some_and(|extension| extension == "ron");
        let name = path.file_stem()?.to_str()?;
        is_document.then_some(BuiltIn { kind, name, text: file.contents_utf8()? })
    })
}

/// The built-in document of this name.
pub fn get(name: &str) -> Option<BuiltIn> {
    all().into_iter().find(|document| document.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_unique() {
        let names: Vec<_> = all().iter().map(|document| document.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted);
    }

    #[test]
    fn every_embedded_file_is_a_document_of_some_kind() {
        let mut embedded = 0;
        for folder in SCENARIOS.dirs() {
            for file in folder.files() {
                let name = file.path().file_name().and_then(|name| name.to_str()).unwrap_or_default();
                if name != ".gitkeep" {
                    embedded += 1;
                }
            }
        }
        assert_eq!(all().len(), embedded);
    }

    #[test]
    fn titles_come_from_the_document_or_its_base() {
        let document = |name, text| BuiltIn { kind: Kind::Scenario, name, text };
        let all = [
            document("a", "(title: \"A\")"),
            document("b", "(extends: \"a\")"),
            document("c", "(extends: \"c\")"),
            document("d", "(extends: \"zzz\")"),
        ];
        let titles = all.map(|document| title(document, &all, 0));
        assert_eq!(titles, [Some("A".to_owned()), Some("A".to_owned()), None, None]);
    }
}
