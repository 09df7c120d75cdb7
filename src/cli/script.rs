//! `--inject FILE`: a list of injects in RON, or an exercise script in CSV.
//!
//! A script has a row for each inject and, in any order, the columns `id`, `at`, `title`, `text`, `to`, `expected`,
//! `objective`; the first three are needed. A row has no effect but to be read by those in `to`: roles of the exercise,
//! actors, roles, networks, levels or `operators`, separated by `;`. Fields are separated by commas, or by semicolons
//! where the heading has no comma. What is wrong is told with its row (as a spreadsheet counts) and column.
//!
//! The master schedule of a pack, `msel.csv`, is such a script too: its `t_sim` is `at`, and a row with a `condition`
//! (`milestone` or `milestone + 30min`) waits for that instead. A row whose `id` the document has changes that inject;
//! a cell that is left empty changes nothing. Columns that people fill in, and those that follow from others, are
//! passed over.

use std::collections::BTreeMap;
use std::path::Path;

use super::files;
use crate::document::source::SourceId;
use crate::document::{Diagnostic, Ident, Node, NodeValue, SourceMap, Span, read};
use crate::model::{InjectKind, Method};
use crate::time::{Timestamp, Zone, parse_instant};

const COLUMNS: [&str; 15] = [
    "id",
    "at",
    "title",
    "text",
    "to",
    "expected",
    "objective",
    "t_sim",
    "condition",
    "by",
    "type",
    "method",
    "from",
    "controller",
    "tlp",
];
/// Columns of a master schedule that say nothing to a run.
const PASSED_OVER: [&str; 12] = [
    "exercise",
    "order",
    "t_exercise",
    "phase",
    "due",
    "status",
    "actual_t",
    "actual",
    "rating",
    "note",
    "lang",
    "origin",
];
/// What is told to somebody who has no script yet.
const SIMPLE: [&str; 7] = ["id", "at", "title", "text", "to", "expected", "objective"];
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

/// Text without the apostrophe that keeps a spreadsheet from taking it for a formula.
fn plain(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => text,
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
                Diagnostic::error("missing-column", message).at(self.span(0, 0)).hint(SIMPLE.join(",")),
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
            // The clock of the crisis has two names.
            let known = known.map(|column| if column == "t_sim" { "at" } else { column });
            match known {
                None if PASSED_OVER.contains(&name.as_str()) => columns.push(None),
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
                            .hint(format!(
                                "the columns are {}, and those of the `msel.csv` of a pack",
                                SIMPLE.join(", ")
                            )),
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
            let elsewhere = needed == "at" && !row.cell("condition").is_empty();
            if row.cells.contains_key(needed) && row.cell(needed).is_empty() && !elsewhere {
                self.problem("missing-value", row.number, Some(needed), row.span, "is empty".to_owned());
            }
        }
        let node = |value| Node::new(row.span, value);
        let ident = |text: &str| Ident { text: text.to_owned(), span: row.span };
        let string = |text: &str| node(NodeValue::Str(text.to_owned()));
        let mut fields = self.time(row);
        let texts = [
            ("id", "id"),
            ("title", "title"),
            ("text", "text"),
            ("expected", "expected"),
            ("by", "expected_within"),
            ("objective", "objective"),
            ("from", "from"),
            ("controller", "controller"),
        ];
        for (column, field) in texts {
            if !row.cell(column).is_empty() {
                fields.push((ident(field), string(plain(row.cell(column)))));
            }
        }
        for (column, field, known) in [
            ("type", "kind", &InjectKind::ALL.map(InjectKind::name)[..]),
            ("method", "method", &Method::ALL.map(Method::name)[..]),
        ] {
            if !row.cell(column).is_empty()
                && let Some(name) = self.choice(row, column, known)
            {
                fields.push((ident(field), node(NodeValue::Unit(name.to_owned()))));
            }
        }
        if !row.cell("tlp").is_empty() {
            match row.cell("tlp").split_once(':') {
                Some((scheme, rung)) => {
                    let items = vec![string(scheme.trim()), string(rung.trim())];
                    fields.push((ident("marking"), node(NodeValue::Tuple { name: None, items })));
                }
                None => self.problem(
                    "invalid-value",
                    row.number,
                    Some("tlp"),
                    row.span,
                    "is no marking: write `scheme:rung`, e.g. `tlp:green`".to_owned(),
                ),
            }
        }
        fields.extend(self.addressed(row));
        (self.problems.len() == before).then(|| node(NodeValue::Record { name: None, fields }))
    }

    /// When: a condition, or an instant.
    fn time(&mut self, row: &Row) -> Vec<(Ident, Node)> {
        let field = |name: &str, text: &str| {
            let ident = Ident { text: name.to_owned(), span: row.span };
            (ident, Node::new(row.span, NodeValue::Str(text.to_owned())))
        };
        let condition = plain(row.cell("condition"));
        if !condition.is_empty() {
            return match condition.split_once('+') {
                Some((of, after)) => vec![field("when", of.trim()), field("after", after.trim())],
                None => vec![field("when", condition)],
            };
        }
        let at = row.cell("at");
        if at.is_empty() {
            return Vec::new();
        }
        if let Err(error) = parse_instant(at, Some(Timestamp::UNIX_EPOCH), &Zone::utc()) {
            let message = format!("is no instant: {error}");
            self.problem("bad-instant", row.number, Some("at"), row.span, message);
        }
        vec![field("at", at)]
    }

    /// One of the words that a column may have, in whatever case.
    fn choice(&mut self, row: &Row, column: &'static str, known: &[&'static str]) -> Option<&'static str> {
        let text = row.cell(column);
        let found = known.iter().copied().find(|name| name.eq_ignore_ascii_case(text));
        if found.is_none() {
            let message = format!("row {}, column `{column}`: there is no `{text}`", row.number);
            self.problems.push(
                Diagnostic::error("unknown-variant", message)
                    .at(row.span)
                    .did_you_mean(text, known.iter().copied())
                    .hint(format!("it is one of {}", known.join(", "))),
            );
        }
        found
    }

    /// Whom it is for: roles of the exercise, and actors of the simulation.
    fn addressed(&mut self, row: &Row) -> Vec<(Ident, Node)> {
        let node = |value| Node::new(row.span, value);
        let ident = |text: &str| Ident { text: text.to_owned(), span: row.span };
        let roles = self.tree.field("exercise").and_then(|exercise| exercise.field("roles"));
        let roles: Vec<&str> = roles
            .and_then(Node::entries)
            .unwrap_or_default()
            .iter()
            .filter_map(|(key, _)| key.as_str())
            .collect();
        let names = row.cell("to").split(';').map(str::trim).filter(|name| !name.is_empty());
        let (players, others): (Vec<&str>, Vec<&str>) = names.partition(|name| roles.contains(name));
        let to: Vec<Node> = others.into_iter().filter_map(|name| self.selector(row, name)).collect();
        let mut fields = Vec::new();
        if !players.is_empty() {
            let players = players.into_iter().map(|name| node(NodeValue::Str(name.to_owned()))).collect();
            fields.push((ident("players"), node(NodeValue::List(players))));
        }
        match to.len() {
            0 => {}
            1 => fields.extend(to.into_iter().map(|to| (ident("to"), to))),
            _ => {
                let list = node(NodeValue::List(to));
                let any = NodeValue::Tuple { name: Some(ident("AnyOf")), items: vec![list] };
                fields.push((ident("to"), node(any)));
            }
        }
        fields
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
