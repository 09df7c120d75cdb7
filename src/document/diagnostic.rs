//! Messages about documents: a stable code, a place, what is wrong, and what to do.
//!
//! A [`Diagnostic`] is data until it is shown; `render` turns it into text or JSON.

use super::source::Span;

/// How bad it is. Only errors keep a document from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One message about a document.
///
/// Fields are typed until shown, so that tests and programs can ask for the code and the place. Text is
/// lower case, without a final stop, names in backticks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The place that is wrong; none where there is no text (a file that does not exist).
    pub span: Option<Span>,
    /// Stable, searchable, kebab-case: `unknown-name`, `wrong-type`, `syntax`.
    pub code: &'static str,
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: Box<str>,
    /// Text shown at the place; may be empty.
    pub label: Box<str>,
    /// Other places that matter, each with a text.
    pub labels: Vec<(Span, String)>,
    /// What to do, one line each.
    pub hints: Vec<String>,
    /// What would be right at the place; empty where only the code says it (see [`Diagnostic::expectation`]).
    pub expected: Box<str>,
}

impl Diagnostic {
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic {
            span: None,
            code,
            severity,
            message: message.into().into(),
            label: Box::default(),
            labels: Vec::new(),
            hints: Vec::new(),
            expected: Box::default(),
        }
    }

    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Sets the place that is wrong.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Sets the text shown at the place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into().into();
        self
    }

    /// Says what would be right.
    #[must_use]
    pub fn expected(mut self, text: impl Into<String>) -> Self {
        self.expected = text.into().into();
        self
    }

    /// What would be right: at this place, or for all messages of the code.
    pub fn expectation(&self) -> Option<&str> {
        match &*self.expected {
            "" => super::codes::find(self.code).map(|code| code.expected),
            given => Some(given),
        }
    }

    /// Adds another place with a text.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push((span, text.into()));
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hints.push(text.into());
        self
    }

    /// Adds "did you mean ...?" if one of the names that would be right is close to what was written.
    #[must_use]
    pub fn did_you_mean<'a>(self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(name, candidates) {
            Some(known) => self.hint(format!("did you mean `{known}`?")),
            None => self,
        }
    }
}

/// Collects messages; gives them back once each, in the order of the texts.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    all: Vec<Diagnostic>,
}

impl Diagnostics {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.all.push(diagnostic);
    }

    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.all.extend(diagnostics);
    }

    /// Keeps the value, or takes up the error.
    pub fn take<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Keeps the value, or takes up the errors.
    pub fn take_all<T>(&mut self, result: Result<T, Vec<Diagnostic>>) -> Option<T> {
        result.map_err(|errors| self.extend(errors)).ok()
    }

    /// How many were collected, equal ones counted each time.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn has_errors(&self) -> bool {
        self.all.iter().any(|d| d.severity == Severity::Error)
    }

    /// All messages, by text and offset (those without a place first), equal ones once.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<&Diagnostic> = self.all.iter().collect();
        sorted.sort();
        sorted.dedup();
        sorted
    }

    /// As [`Diagnostics::sorted`], owned.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.all.sort();
        self.all.dedup();
        self.all
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics { all: vec![diagnostic] }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Diagnostics { all: iter.into_iter().collect() }
    }
}

/// Names longer than this are never compared: the cost of a comparison grows with the square.
const LONGEST_COMPARED: usize = 80;

/// The candidate that a mistyped name most likely stands for, if one is close enough.
///
/// Distance is the restricted Damerau-Levenshtein one (insertions, deletions, substitutions, transpositions of
/// neighbours; strsim's optimal string alignment), on lower case, at most a third of the longer name and at least 1; of equal distances the first candidate wins.
/// A candidate that the name begins, or that begins it, counts as close if three characters agree.
/// A candidate equal to the name is not a suggestion and is passed over.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    if length == 0 || length > LONGEST_COMPARED {
        return None;
    }
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let lower = candidate.to_lowercase();
        let candidate_length = lower.chars().count();
        if candidate == name || candidate_length > LONGEST_COMPARED {
            continue;
        }
        let distance = strsim::osa_distance(&wanted, &lower);
        let allowed = (length.max(candidate_length) / 3).max(1);
        let prefix =
            length.min(candidate_length) >= 3 && (lower.starts_with(&wanted) || wanted.starts_with(&lower));
        // A single letter for another single letter is no typing error.
        let close = distance <= allowed && distance < candidate_length;
        if (close || prefix) && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::super::source::SourceMap;
    use super::*;

    #[test]
    fn nearest_names() {
        let names = ["alert", "enisa", "situation-report", "csirt", "A"];
        assert_eq!(nearest("alrt", names), Some("alert"));
        assert_eq!(nearest("enias", names), Some("enisa"), "a transposition");
        assert_eq!(nearest("CSIRT", names), Some("csirt"), "another case");
        assert_eq!(nearest("situation", names), Some("situation-report"), "a beginning");
        assert_eq!(nearest("europol", names), None);
        assert_eq!(nearest("B", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("alert", names), None, "the name itself is no suggestion");
        assert_eq!(nearest(&"a".repeat(100_000), names), None);
    }

    #[test]
    fn sorted_by_place_and_once_each() {
        let mut sources = SourceMap::new();
        let a = sources.add("a", "xxxxxxxx").unwrap();
        let b = sources.add("b", "xxxxxxxx").unwrap();
        let mut all = Diagnostics::new();
        for (source, start) in [(b, 1), (a, 5), (a, 2), (a, 5)] {
            all.push(Diagnostic::error("x", "m").at(Span::new(source, start, start + 1)));
        }
        all.push(Diagnostic::warning("y", "no place"));
        let order: Vec<_> = all.sorted().iter().map(|d| d.span.map(|s| (s.source == b, s.start))).collect();
        assert_eq!(order, [None, Some((false, 2)), Some((false, 5)), Some((true, 1))]);
        assert!(all.has_errors());
    }
}
