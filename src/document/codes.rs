//! The codes of all messages about documents, and what each expects in general.
//!
//! Every code has a section in docs/diagnostics.md with an example; a test holds the sources, this table and that
//! page together. A code that has been in a release is never given another meaning.

use super::diagnostic::Severity::{self, Error, Warning};

/// A code of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// As it is printed: kebab-case.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What would be right, in general.
    pub expected: &'static str,
}

const fn code(severity: Severity, code: &'static str, expected: &'static str) -> Code {
    Code { code, severity, expected }
}

/// All codes, sorted.
pub const CODES: &[Code] = &[
    code(Warning, "after-horizon", "an instant before the end of the simulation"),
    code(
        Error,
        "bad-change",
        "`with E`, `without E`, `parameter=value`, `thing.field=value` or `start=instant`",
    ),
    code(Error, "bad-distribution", "arguments that make a distribution"),
    code(Error, "bad-factor", "either `set` with `values` or a range, or `levels`"),
    code(
        Error,
        "bad-instant",
        "RFC 3339, a local time with its zone, or a time since the start: `T+2h 30min`",
    ),
    code(Error, "bad-name", "a name without the signs that separate names: `@`, `/`, `#`"),
    code(Error, "bad-quantity", "a number, a duration such as `90min`, or a rate such as `0.9 per h`"),
    code(Error, "bad-row", "a row with as many cells as the heading has columns"),
    code(Warning, "before-start", "an instant that is not before the start"),
    code(Error, "cannot-read", "a file that may be read"),
    code(
        Warning,
        "carried-anyway",
        "either something that carries the point, or the reason why nothing does",
    ),
    code(Error, "contradiction", "fields that go together"),
    code(Error, "cycle", "things that are not made of themselves"),
    code(Warning, "does-nothing", "something that has an effect"),
    code(Error, "duplicate-column", "each column once"),
    code(Error, "duplicate-field", "each field once"),
    code(Error, "duplicate-id", "each id once"),
    code(Error, "duplicate-key", "each key once"),
    code(Error, "duplicate-name", "each name once"),
    code(Error, "empty-set", "a selector that somebody belongs to"),
    code(Error, "endless", "work or a wait in each round, or `at_most`"),
    code(Error, "extends-cycle", "a document that does not extend itself"),
    code(Error, "extends-too-long", "a shorter chain of documents that extend each other"),
    code(Error, "invalid-value", "a value that the field allows"),
    code(Error, "kind-mismatch", "a document of another kind"),
    code(Warning, "mean-only", "a value, or a distribution of which the mean is enough"),
    code(Error, "missing", "the part without which this has no meaning"),
    code(Warning, "missing-attribute", "the attribute in every state"),
    code(Error, "missing-column", "a heading with all columns that are needed"),
    code(Error, "missing-field", "the field"),
    code(Error, "missing-value", "a value in this cell"),
    code(Error, "mixed-units", "values of one kind in one distribution"),
    code(Warning, "never-adopted", "a decision that can be adopted"),
    code(Warning, "never-fires", "a trigger that can happen, and conditions that can hold"),
    code(Warning, "never-found", "a rule, an inject or an incident that brings the fact into the world"),
    code(Warning, "never-reached", "something that leads to the milestone"),
    code(Warning, "no-carrier", "something that carries the point, or `nothing: \"the reason\"`"),
    code(
        Warning,
        "no-channel",
        "a channel that leads there, carries the product and is cleared for its marking",
    ),
    code(Warning, "no-level", "a level, or `counted: false`"),
    code(Warning, "no-staff", "at least one server, or no `staff` for any number"),
    code(Warning, "no-truth", "the true value"),
    code(Error, "not-a-file", "a file"),
    code(Error, "not-foreseeable", "a milestone of which it is known at once that it is reached"),
    code(Error, "not-possible", "something that has a meaning at this place"),
    code(Error, "not-utf8", "text in UTF-8"),
    code(Warning, "nothing-in-hand", "a trigger that puts something into the hands of the actor"),
    code(Error, "nothing-to-remove", "the name of something that the base has"),
    code(Error, "number-range", "a number within the range of the field"),
    code(Error, "out-of-range", "a value within its range"),
    code(Warning, "outside-range", "a value within its own plausible range"),
    code(Error, "outside-root", "a file in the folder given by `--root`"),
    code(Error, "syntax", "text that ron can read"),
    code(Error, "too-deep", "fewer brackets within brackets"),
    code(Error, "too-frequent", "at least a millisecond between two"),
    code(Error, "too-large", "a smaller document"),
    code(Error, "too-many", "no more than the limit"),
    code(Warning, "too-secret", "somebody whose clearance reaches the marking, or a tear line"),
    code(Error, "unknown-column", "a column of an exercise script"),
    code(Error, "unknown-document", "a file, or the name of a built-in document"),
    code(Error, "unknown-field", "a field of this record"),
    code(Error, "unknown-format", "a `.ron` or `.csv` file"),
    code(Error, "unknown-name", "a name that the document or one that it extends declares"),
    code(Error, "unknown-variant", "one of the choices at this place"),
    code(Warning, "unreachable-actor", "a rule, or somebody who tells the actor something"),
    code(Error, "unsupported", "text in double quotes, numbers, `true`, `false`, lists, maps, records"),
    code(Error, "unsupported-format", "`format: 1`"),
    code(Warning, "unused", "something that refers to it"),
    code(Error, "unused-factors", "a design that uses factors"),
    code(Error, "unused-variants", "`design: List`"),
    code(Error, "wrong-kind", "a statement where it is published, a product where it is sent"),
    code(Error, "wrong-length", "as many values as the place takes"),
    code(Error, "wrong-type", "a value of another type"),
    code(Error, "wrong-unit", "a quantity of another kind"),
];

/// The code of this name.
pub fn find(name: &str) -> Option<&'static Code> {
    CODES.binary_search_by(|known| known.code.cmp(name)).ok().map(|at| &CODES[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_and_once_each() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(CODES.iter().all(|code| find(code.code) == Some(code)));
        assert_eq!(find("no-such-code"), None);
    }
}
