//! The texts of the documents in use, and places in them.
//!
//! A [`Span`] is a range of bytes in one text; [`SourceMap`] turns it into line and column. Lines and
//! columns count from 1, columns in characters, as editors show them.

use serde::Serialize;

use super::diagnostic::Diagnostic;

/// The largest document that is read, in bytes (16 MiB). Built-in documents stay far below 1 MiB.
pub const MAX_BYTES: u64 = 16 * 1024 * 1024;

const BOM: &str = "\u{feff}";

/// A text of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub(super) u32);

/// A range of bytes `start..end` in one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub source: SourceId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        // Texts are at most `MAX_BYTES` long, so the offsets fit.
        Span { source, start: start as u32, end: end as u32 }
    }

    /// The part of this span that begins at its start and is at most `len` bytes long.
    pub fn first(self, len: u32) -> Self {
        Span { end: self.end.min(self.start.saturating_add(len)), ..self }
    }

    /// The text as a range of `usize`.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Debug)]
struct Source {
    name: String,
    text: String,
    /// Byte offset of the first character of each line; the first is 0.
    line_starts: Vec<u32>,
}

/// All texts that were read, each with the name that is shown for it.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes up a text under the name (path or built-in name) that messages show.
    ///
    /// # Errors
    /// A diagnostic `too-large` for a text of more than [`MAX_BYTES`] bytes.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> Result<SourceId, Diagnostic> {
        let (name, mut text) = (name.into(), text.into());
        check_size(&name, text.len() as u64)?;
        if text.starts_with(BOM) {
            text.drain(..BOM.len());
        }
        let line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at as u32 + 1)).collect();
        let id = SourceId(self.sources.len() as u32);
        self.sources.push(Source { name, text, line_starts });
        Ok(id)
    }

    /// Takes up the bytes of a file, as [`SourceMap::add`] does. A byte order mark is dropped.
    ///
    /// # Errors
    /// A diagnostic `too-large`, or `not-utf8` with the offset of the first bad byte.
    pub fn add_bytes(&mut self, name: impl Into<String>, bytes: Vec<u8>) -> Result<SourceId, Diagnostic> {
        let name = name.into();
        check_size(&name, bytes.len() as u64)?;
        match String::from_utf8(bytes) {
            Ok(text) => self.add(name, text),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                Err(Diagnostic::error("not-utf8", format!("`{name}` is not text in UTF-8"))
                    .hint(format!("the first byte that is not UTF-8 is at offset {at} (counted from 0)")))
            }
        }
    }

    /// The name that messages show for a text.
    pub fn name(&self, id: SourceId) -> &str {
        self.get(id).map_or("", |source| &source.name)
    }

    /// The whole text, without a byte order mark.
    pub fn text(&self, id: SourceId) -> &str {
        self.get(id).map_or("", |source| &source.text)
    }

    /// The text that a span covers.
    pub fn snippet(&self, span: Span) -> &str {
        self.text(span.source).get(span.range()).unwrap_or("")
    }

    /// Line and column of a byte offset; an offset beyond the end counts as the end.
    pub fn position(&self, id: SourceId, offset: u32) -> Position {
        let Some(source) = self.get(id) else { return Position { line: 1, column: 1 } };
        let line = source.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = source.line_starts[line - 1] as usize;
        let mut end = (offset as usize).min(source.text.len());
        while !source.text.is_char_boundary(end) {
            end -= 1;
        }
        Position { line, column: 1 + source.text[start..end].chars().count() }
    }

    /// Where a span starts.
    pub fn start(&self, span: Span) -> Position {
        self.position(span.source, span.start)
    }

    /// Where a span ends (the position after its last character).
    pub fn end(&self, span: Span) -> Position {
        self.position(span.source, span.end)
    }

    /// The bytes of a line (from 1), without its line break.
    pub(super) fn line_range(&self, id: SourceId, line: usize) -> std::ops::Range<usize> {
        let Some(source) = self.get(id) else { return 0..0 };
        let start = source.line_starts.get(line.max(1) - 1).map_or(source.text.len(), |s| *s as usize);
        let end = source.line_starts.get(line.max(1)).map_or(source.text.len(), |s| *s as usize - 1);
        start..end
    }

    /// The byte offset of a line and column, both from 1 and the column in characters.
    pub(super) fn offset(&self, id: SourceId, at: Position) -> usize {
        let range = self.line_range(id, at.line);
        let line = &self.text(id)[range.clone()];
        range.start + line.char_indices().nth(at.column.max(1) - 1).map_or(line.len(), |(i, _)| i)
    }

    fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }
}

/// The diagnostic for a document that is larger than [`MAX_BYTES`], to be asked before it is read.
///
/// # Errors
/// `too-large` if `bytes` exceeds the limit.
pub fn check_size(name: &str, bytes: u64) -> Result<(), Diagnostic> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    Err(Diagnostic::error("too-large", format!("`{name}` is too large for a document: {bytes} bytes"))
        .hint(format!("the limit is {MAX_BYTES} bytes (16 MiB)")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let mut sources = SourceMap::new();
        let id = sources.add("a.ron", "(é: 1,\r\n  b: \"ß\")\n").unwrap();
        let at = |offset| {
            let p = sources.position(id, offset);
            (p.line, p.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(3), (1, 3), "after the two bytes of é");
        assert_eq!(at(2), (1, 2), "inside é");
        assert_eq!(at(9), (2, 1));
        assert_eq!(at(11), (2, 3));
        assert_eq!(at(21), (3, 1));
        assert_eq!(at(9_999), (3, 1));
        assert_eq!(sources.offset(id, Position { line: 2, column: 3 }), 11);
        assert_eq!(sources.offset(id, Position { line: 9, column: 9 }), 20);
        assert_eq!(sources.snippet(Span::new(id, 14, 18)), "\"ß\"");
    }

    #[test]
    fn bom_is_dropped() {
        let mut sources = SourceMap::new();
        let id = sources.add_bytes("a.ron", b"\xef\xbb\xbf(a: 1)".to_vec()).unwrap();
        assert_eq!(sources.text(id), "(a: 1)");
    }

    #[test]
    fn bad_bytes_are_refused_with_their_offset() {
        let error = SourceMap::new().add_bytes("a.ron", b"(a: \xff)".to_vec()).unwrap_err();
        assert_eq!(error.code, "not-utf8");
        assert_eq!(error.hints, ["the first byte that is not UTF-8 is at offset 4 (counted from 0)"]);
    }

    #[test]
    fn large_files_are_refused() {
        let error = SourceMap::new().add_bytes("big.ron", vec![b' '; 20_000_000]).unwrap_err();
        assert_eq!(error.code, "too-large");
        assert_eq!(&*error.message, "`big.ron` is too large for a document: 20000000 bytes");
        assert!(check_size("x", MAX_BYTES).is_ok());
    }
}
