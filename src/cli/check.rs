//! `check`: all that is wrong with documents, and the ledger of their parameters.

use super::args::{CheckArgs, CheckFormat};
use super::evaluate::evaluate;
use super::failure::Failure;
use super::files::Files;
use super::influence;
use super::ledger;
use super::term;
use crate::compile::{Compiled, compile};
use crate::document::assemble::open;
use crate::document::render;
use crate::document::source::SourceMap;
use crate::document::{Diagnostic, Overrides};
use crate::report::traceability;

/// What became of one document.
struct Checked {
    name: String,
    sources: SourceMap,
    /// The model with warnings, or the errors.
    result: Result<Compiled, Vec<Diagnostic>>,
}

pub(crate) fn run(args: &CheckArgs) -> Result<(), Failure> {
    if let Some(expression) = &args.evaluate {
        return evaluate(expression);
    }
    if args.format == CheckFormat::Csv && !args.ledger {
        return Err(Failure::usage("`--format csv` goes with `--ledger`"));
    }
    if let Some(name) = &args.influence {
        return match args.documents.as_slice() {
            [document] => influence::run(name, document, args.format),
            _ => Err(Failure::usage("`--influence` takes one document at a time")),
        };
    }
    let page = args.ledger || args.traceability;
    if page && args.documents.len() > 1 {
        let option = if args.ledger { "--ledger" } else { "--traceability" };
        return Err(Failure::usage(format!("`{option}` takes one document at a time")));
    }
    if args.traceability && args.format != CheckFormat::Table {
        return Err(Failure::usage("`--traceability` is written as Markdown; leave `--format` out"));
    }
    let mut experiments_ok = true;
    let mut messages: Vec<serde_json::Value> = Vec::new();
    let mut checked: Vec<Checked> = Vec::new();
    for name in &args.documents {
        // An experiment says what is wrong with it and with its variants at once.
        let found = match super::batch::check(name) {
            Ok(None) | Err(_) if !is_experiment(name) => {
                checked.push(check(name));
                continue;
            }
            found => found,
        };
        match found {
            Ok(line) if args.format != CheckFormat::Json => {
                term::result(&format!("{name}: {}\n", line.unwrap_or_default()))?;
            }
            Ok(_) => {}
            Err(failure) => {
                experiments_ok = false;
                term::note(&failure.to_string());
                messages.push(serde_json::json!({"document": name, "message": failure.to_string()}));
            }
        }
    }
    if checked.is_empty() && (page || args.format != CheckFormat::Json) {
        return if experiments_ok { Ok(()) } else { Err(Failure::Told) };
    }
    let all_ok = experiments_ok && checked.iter().all(|c| c.result.is_ok());
    if page {
        for c in &checked {
            tell(c);
            match &c.result {
                Ok(compiled) if args.ledger => ledger::print(&compiled.model, args.format)?,
                Ok(compiled) => term::result(&traceability(&compiled.model))?,
                Err(_) => {}
            }
        }
    } else if args.format == CheckFormat::Json {
        messages.extend(checked.iter().flat_map(as_json));
        let json = serde_json::to_string_pretty(&messages)
            .map_err(|error| Failure::wrong(format!("cannot write the report: {error}")))?;
        term::result(&format!("{json}\n"))?;
    } else {
        for c in &checked {
            tell(c);
            match &c.result {
                Ok(compiled) => term::result(&format!("{}: {}\n", c.name, fine(compiled)))?,
                Err(errors) => term::note(&format!("{}: {}", c.name, counted(errors.len(), "problem"))),
            }
        }
    }
    if all_ok { Ok(()) } else { Err(Failure::Told) }
}

/// Whether the document says that it is an experiment, right or wrong.
fn is_experiment(name: &str) -> bool {
    let mut sources = SourceMap::new();
    let loaded = crate::document::load(name, None, &Files, &mut sources);
    loaded.is_ok_and(|loaded| loaded.node.name() == Some("Experiment"))
}

fn check(name: &str) -> Checked {
    let mut sources = SourceMap::new();
    let result = open(name, &Files, &mut sources, &Overrides::default())
        .and_then(|assembled| compile(&assembled.document));
    Checked { name: name.to_owned(), sources, result }
}

/// The messages about a document, each with the document's name as it was typed.
fn as_json(checked: &Checked) -> Vec<serde_json::Value> {
    let serde_json::Value::Array(mut all) = render::json(diagnostics(checked), &checked.sources) else {
        return Vec::new();
    };
    for message in &mut all {
        message["document"] = checked.name.as_str().into();
    }
    all
}

fn diagnostics(checked: &Checked) -> &[Diagnostic] {
    match &checked.result {
        Ok(compiled) => &compiled.warnings,
        Err(errors) => errors,
    }
}

fn tell(checked: &Checked) {
    let all = diagnostics(checked);
    if !all.is_empty() {
        term::note(&render::render_all(all, &checked.sources, true));
    }
}

fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

fn fine(compiled: &Compiled) -> String {
    let m = &compiled.model;
    let named = m.params.iter().filter(|p| !p.literal).count();
    let mut text = format!(
        "ok ({}, {}, {}",
        counted(m.actors.len(), "actor"),
        counted(m.rules.len(), "rule"),
        counted(named, "parameter")
    );
    if !compiled.warnings.is_empty() {
        text.push_str(&format!(", {}", counted(compiled.warnings.len(), "warning")));
    }
    text.push(')');
    text
}
