//! `--inject FILE`: a list of injects in RON, or an exercise script in CSV.
//!
//! A script has a row for each inject and, in any order, the columns `id`, `at`, `title`, `text`, `to`, `expected`,
//! `objective`; the first three are needed. A row has no effect but to be read by those in `to`: actors, roles,
//! networks, levels or `operators`, separated by `;`. Fields are separated by commas, or by semicolons where the
//! heading has no comma. Every problem is told, with its row (as a spreadsheet counts) and column.

use std::collections::BTreeMap;
use std::path::Path;

use super::files;
use crate::document::source::SourceId;
use crate::document::{Diagnostic, Ident, Node, NodeValue, SourceMap, Span, read};
use crate::time::{Timestamp, Zone, parse_instant};

const COLUMNS: [&str; 7] = ["id", "at", "title", "text", "to", "expected", "objective"];
const NEEDED: [&str; 3] = ["id", "at", "title"];

/// The injects of a file as a tree that can be laid over a document; `tree` is the flat document.
///
/// # Errors
/// Everything that is wrong with the file.
pub(crate) fn read_injects(
    path: &Path,
    tree: &Node,
    sources: &mut SourceMap,
) -> Result<Node, Vec<Diagnostic>> {
    let shown = path.display().to_string();
    files::named_by_user(path).map_err(|error| vec![error])?;
    let bytes = files::read(path).map_err(|error| vec![error])?;
    let source = sources.add_bytes(shown.clone(), bytes).map_err(|error| vec![error])?;
    match path.extension().and_then(|e| e.to_str()).map(str::to_lowercase).as_deref() {
        Some("ron") => read(sources, source),
        Some("csv") => Script::new(source, tree).read(sources.text(source)),
        _ => Err(vec![
            Diagnostic::error("unknown-format", format!("`{shown}` is neither a `.ron` nor a `.csv` file"))
                .hint("injects are a list in RON, or an exercise script in CSV"),
        ]),
    }
}

struct Script<'t> {
    source: SourceId,
    tree: &'t Node,
    problems: Vec<Diagnostic>,
}

/// A row of the script: its number, its place, its cells by column.
struct Row<'r> {
    number: usize,
    span: Span,
    cells: BTreeMap<&'static str, &'r str>,
}

impl Row<'_> {
    fn cell(&self, column: &str) -> &str {
        self.cells.get(column).copied().unwrap_or_default()
    }
}

impl<'t> Script<'t> {
    fn new(source: SourceId, tree: &'t Node) -> Self {
        Script { source, tree, problems: Vec::new() }
    }

    fn read(mut self, text: &str) -> Result<Node, Vec<Diagnostic>> {
        let heading = text.lines().next().unwrap_or_default();
        let delimiter = if !heading.contains(',') && heading.contains(';') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let mut columns: Option<Vec<Option<&'static str>>> = None;
        let mut injects = Vec::new();
        let mut ids: BTreeMap<String, usize> = BTreeMap::new();
        for (i, record) in reader.records().enumerate() {
            let number = i + 1;
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let message = format!("row {number} cannot be read: {error}");
                    self.problems.push(Diagnostic::error("bad-row", message).at(self.span(0, 0)));
                    break;
                }
            };
            let start = record.position().map_or(0, |p| p.byte() as usize);
            let end = text[start.min(text.len())..].find('\n').map_or(text.len(), |n| start + n);
            let span = self.span(start, end);
            let Some(columns) = &columns else {
                columns = Some(self.heading(&record, span));
                continue;
            };
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if record.len() > columns.len() {
                self.problem(
                    "bad-row",
                    number,
                    None,
                    span,
                    format!(
                        "has {} cells, the heading {}; a text with commas stands in quotes",
                        record.len(),
                        columns.len()
                    ),
                );
            }
            let cells = columns.iter().zip(record.iter());
            let cells = cells.filter_map(|(column, cell)| Some(((*column)?, cell.trim()))).collect();
            let row = Row { number, span, cells };
            if let Some(before) = ids.insert(row.cell("id").to_owned(), number)
                && !row.cell("id").is_empty()
            {
                let message = format!("has the id `{}` of row {before}", row.cell("id"));
                self.problem("duplicate-id", number, Some("id"), span, message);
            }
            injects.extend(self.inject(&row));
        }
        if columns.is_none() {
            let message = "the script is empty: its first row names the columns";
            self.problems.push(
                Diagnostic::error("missing-column", message).at(self.span(0, 0)).hint(COLUMNS.join(",")),
            );
        }
        if self.problems.is_empty() {
            Ok(Node::new(self.span(0, 0), NodeValue::List(injects)))
        } else {
            Err(self.problems)
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    fn problem(&mut self, code: &'static str, row: usize, column: Option<&str>, span: Span, what: String) {
        let place = match column {
            Some(column) => format!("row {row}, column `{column}`"),
            None => format!("row {row}"),
        };
        self.problems.push(Diagnostic::error(code, format!("{place} {what}")).at(span));
    }

    /// Which column is which; what is not known or missing is told.
    fn heading(&mut self, record: &csv::StringRecord, span: Span) -> Vec<Option<&'static str>> {
        let mut columns: Vec<Option<&'static str>> = Vec::new();
        for cell in record {
            let name = cell.trim().to_lowercase();
            let known = COLUMNS.into_iter().find(|column| *column == name);
            match known {
                Some(column) if columns.contains(&Some(column)) => {
                    self.problem("duplicate-column", 1, Some(column), span, "stands twice".to_owned());
                    columns.push(None);
                }
                Some(column) => columns.push(Some(column)),
                None => {
                    let message = format!("row 1 names an unknown column `{}`", cell.trim());
                    self.problems.push(
                        Diagnostic::error("unknown-column", message)
                            .at(span)
                            .did_you_mean(&name, COLUMNS)
                            .hint(format!("the columns are {}", COLUMNS.join(", "))),
                    );
                    columns.push(None);
                }
            }
        }
        for needed in NEEDED {
            if !columns.contains(&Some(needed)) {
                let message = format!("row 1 does not name the column `{needed}`");
                self.problems.push(Diagnostic::error("missing-column", message).at(span));
            }
        }
        columns
    }

    fn inject(&mut self, row: &Row) -> Option<Node> {
        let before = self.problems.len();
        for needed in NEEDED {
            if row.cells.contains_key(needed) && row.cell(needed).is_empty() {
                self.problem("missing-value", row.number, Some(needed), row.span, "is empty".to_owned());
            }
        }
        let at = row.cell("at");
        if !at.is_empty()
            && let Err(error) = parse_instant(at, Some(Timestamp::UNIX_EPOCH), &Zone::utc())
        {
            let message = format!("is no instant: {error}");
            self.problem("bad-instant", row.number, Some("at"), row.span, message);
        }
        let node = |value| Node::new(row.span, value);
        let ident = |text: &str| Ident { text: text.to_owned(), span: row.span };
        let mut fields = Vec::new();
        for column in ["id", "title", "at", "text", "expected", "objective"] {
            if !row.cell(column).is_empty() {
                fields.push((ident(column), node(NodeValue::Str(row.cell(column).to_owned()))));
            }
        }
        let to: Vec<Node> = row
            .cell("to")
            .split(';')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .filter_map(|name| self.selector(row, name))
            .collect();
        match to.len() {
            0 => {}
            1 => fields.extend(to.into_iter().map(|to| (ident("to"), to))),
            _ => {
                let list = node(NodeValue::List(to));
                let any = NodeValue::Tuple { name: Some(ident("AnyOf")), items: vec![list] };
                fields.push((ident("to"), node(any)));
            }
        }
        (self.problems.len() == before).then(|| node(NodeValue::Record { name: None, fields }))
    }

    /// Who is meant by a name: an actor, a role, a network, a level, or the operators.
    fn selector(&mut self, row: &Row, name: &str) -> Option<Node> {
        let node = |value| Node::new(row.span, value);
        let ident = |text: &str| Ident { text: text.to_owned(), span: row.span };
        let of = |kind: &str| {
            let items = vec![node(NodeValue::Str(name.to_owned()))];
            Some(node(NodeValue::Tuple { name: Some(ident(kind)), items }))
        };
        if name.eq_ignore_ascii_case("operators") {
            return Some(node(NodeValue::Unit("Operators".to_owned())));
        }
        let names = |section: &str| -> Vec<&str> {
            let entries = self.tree.field(section).and_then(Node::entries).unwrap_or_default();
            entries.iter().filter_map(|(key, _)| key.as_str()).collect()
        };
        let levels: Vec<&str> = self
            .tree
            .field("levels")
            .and_then(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::id)
            .collect();
        let (actors, networks, roles) = (names("actors"), names("networks"), names("roles"));
        let role = name.split(['@', '#']).next().unwrap_or(name);
        if role != name && actors.contains(&role) {
            return of("Actor");
        }
        if actors.contains(&name) {
            return of("Role");
        }
        if networks.contains(&name) {
            return of("Network");
        }
        if roles.contains(&name) {
            return of("Holder");
        }
        if levels.contains(&name) {
            return of("Level");
        }
        let known: Vec<&str> = actors
            .iter()
            .chain(&networks)
            .chain(&roles)
            .chain(&levels)
            .copied()
            .chain(["operators"])
            .collect();
        let message = format!(
            "row {}, column `to` names nobody: there is no actor, network or level `{name}`",
            row.number
        );
        let problem = Diagnostic::error("unknown-name", message).at(row.span).did_you_mean(role, known);
        self.problems.push(problem);
        None
    }
}
