//! The reference of the language: every field of every document, taken from the types that read it.
//!
//! `UPDATE_GOLDEN=1 cargo test --test it reference` writes `docs/guide/reference.md` anew.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::{Attribute, Expr, Fields, GenericArgument, Item, Lit, Meta, PathArguments, Type, Visibility};

const PAGE: &str = "docs/guide/reference.md";

/// A type of the language.
struct Described {
    docs: String,
    shape: Shape,
}

enum Shape {
    Record(Vec<Row>),
    Choice(Vec<(String, String, Vec<Row>)>),
}

/// A field of a record, or a payload of a choice, which may have no name.
struct Row {
    name: Option<String>,
    ty: Type,
    default: Option<String>,
    docs: String,
}

#[test]
fn the_reference_says_what_the_types_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let types = described(&root.join("src/document/types"));
    let found = page(&types);
    let path = root.join(PAGE);
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::write(&path, found).unwrap();
        return;
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(held == found, "{PAGE} is out of date: UPDATE_GOLDEN=1 cargo test --test it reference");
}

#[test]
fn every_field_says_what_it_is_for() {
    let types = described(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/document/types"));
    let mut silent = Vec::new();
    for (name, described) in &types {
        let rows: Vec<&Row> = match &described.shape {
            Shape::Record(rows) => rows.iter().collect(),
            Shape::Choice(variants) => {
                silent.extend(variants.iter().filter(|v| v.1.is_empty()).map(|v| format!("{name}::{}", v.0)));
                variants.iter().flat_map(|v| &v.2).filter(|row| row.name.is_some()).collect()
            }
        };
        silent.extend(
            rows.iter().filter(|row| row.docs.is_empty()).map(|row| format!("{name}.{:?}", row.name)),
        );
    }
    assert!(silent.is_empty(), "without a word: {}", silent.join(", "));
}

/// All public types below the folder, by name.
fn described(folder: &Path) -> BTreeMap<String, Described> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut types = BTreeMap::new();
    for file in files {
        if file.is_dir() {
            types.extend(described(&file));
            continue;
        }
        let source = std::fs::read_to_string(&file).unwrap();
        for item in syn::parse_file(&source).unwrap().items {
            match item {
                Item::Struct(item) if matches!(item.vis, Visibility::Public(_)) => {
                    let shape = Shape::Record(rows(&item.fields));
                    types.insert(item.ident.to_string(), Described { docs: docs(&item.attrs), shape });
                }
                Item::Enum(item) if matches!(item.vis, Visibility::Public(_)) => {
                    let variants = item.variants.iter().map(|variant| {
                        let mut text = docs(&variant.attrs);
                        if variant.attrs.iter().any(|a| a.path().is_ident("default")) {
                            text.push_str(" The default.");
                        }
                        (
                            serde_name(&variant.attrs).unwrap_or_else(|| variant.ident.to_string()),
                            text,
                            rows(&variant.fields),
                        )
                    });
                    let shape = Shape::Choice(variants.collect());
                    types.insert(item.ident.to_string(), Described { docs: docs(&item.attrs), shape });
                }
                _ => {}
            }
        }
    }
    types
}

fn rows(fields: &Fields) -> Vec<Row> {
    let row = |field: &syn::Field| Row {
        name: field.ident.as_ref().map(|ident| serde_name(&field.attrs).unwrap_or_else(|| ident.to_string())),
        ty: field.ty.clone(),
        default: serde_default(&field.attrs),
        docs: docs(&field.attrs),
    };
    fields.iter().map(row).collect()
}

/// The doc comment of an item as one paragraph per blank line.
fn docs(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("doc")) {
        let Meta::NameValue(pair) = &attribute.meta else { continue };
        let Expr::Lit(literal) = &pair.value else { continue };
        let Lit::Str(line) = &literal.lit else { continue };
        let line = line.value();
        let line = line.strip_prefix(' ').unwrap_or(&line);
        if line.is_empty() {
            text.push_str("\n\n");
        } else {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(' ');
            }
            text.push_str(line);
        }
    }
    // A link to another item of the sources is a name here.
    text.replace("[`", "`").replace("`]", "`")
}

/// What stands between the brackets of each `#[serde(...)]`.
fn serde_words(attributes: &[Attribute]) -> Vec<String> {
    let inside = attributes.iter().filter(|a| a.path().is_ident("serde")).filter_map(|a| match &a.meta {
        Meta::List(list) => Some(list.tokens.to_string()),
        _ => None,
    });
    inside.flat_map(|words| words.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>()).collect()
}

fn serde_name(attributes: &[Attribute]) -> Option<String> {
    let words = serde_words(attributes);
    let rename = words.iter().find_map(|word| word.strip_prefix("rename ="))?;
    Some(rename.trim().trim_matches('"').to_owned())
}

fn serde_default(attributes: &[Attribute]) -> Option<String> {
    serde_words(attributes).iter().find_map(|word| {
        let rest = word.strip_prefix("default")?;
        Some(match rest.trim_start().strip_prefix('=') {
            Some(function) => match function.trim().trim_matches('"') {
                "yes" => "true".to_owned(),
                other => other.to_owned(),
            },
            None => String::new(),
        })
    })
}

fn page(types: &BTreeMap<String, Described>) -> String {
    let mut out = String::from(
        "# Reference of the language\n\n\
         Every field of every document, made from the types that read it; `blueprint-sim show NAME` prints documents that use them.\n\n\
         A document is one RON record: `Blueprint(...)`, `Scenario(...)` or `Experiment(...)`.\n\
         A field without a default is required.\n\
         A *parameter* is the name of a named number in `parameters`, or a literal number or duration.\n\
         A *name* is text in quotes: the name of a declared thing, or an instant, a duration or a zone, as its meaning says.\n",
    );
    let mut queue: VecDeque<String> = ["Document", "Header", "Experiment"].map(str::to_owned).into();
    let mut seen = BTreeSet::new();
    while let Some(name) = queue.pop_front() {
        let Some(described) = types.get(&name) else { continue };
        if !seen.insert(name.clone()) {
            continue;
        }
        let title = if name == "Document" { "Sections of a document" } else { &name };
        write!(out, "\n## {title}\n\n{}\n", described.docs).unwrap();
        let sections = name == "Document";
        match &described.shape {
            Shape::Record(rows) => record(&mut out, rows, types, &mut queue, sections),
            Shape::Choice(variants) => choice(&mut out, variants, types, &mut queue),
        }
    }
    out
}

fn record(
    out: &mut String,
    rows: &[Row],
    types: &BTreeMap<String, Described>,
    queue: &mut VecDeque<String>,
    sections: bool,
) {
    if rows.is_empty() {
        return;
    }
    out.push_str("\n| field | holds | default | meaning |\n|---|---|---|---|\n");
    for row in rows {
        let name = row.name.as_deref().unwrap_or("");
        if sections && ["kind", "header"].contains(&name) {
            continue;
        }
        let default = if sections { "empty".to_owned() } else { default_of(row, types) };
        let holds = holds(&row.ty, types, queue);
        writeln!(
            out,
            "| `{name}` | {holds} | {default} | {} |",
            row.docs.replace("\n\n", " ").replace('|', "\\|")
        )
        .unwrap();
    }
}

fn choice(
    out: &mut String,
    variants: &[(String, String, Vec<Row>)],
    types: &BTreeMap<String, Described>,
    queue: &mut VecDeque<String>,
) {
    out.push('\n');
    for (name, text, rows) in variants {
        let unnamed: Vec<String> =
            rows.iter().filter(|row| row.name.is_none()).map(|row| holds(&row.ty, types, queue)).collect();
        let payload = if unnamed.is_empty() { String::new() } else { format!(" of {}", unnamed.join(", ")) };
        writeln!(out, "- `{name}`{payload}: {}", text.replace("\n\n", " ")).unwrap();
        for row in rows {
            let Some(field) = &row.name else { continue };
            let default = default_of(row, types);
            let default = if default == "required" { default } else { format!("default {default}") };
            let meaning = row.docs.replace("\n\n", " ");
            writeln!(out, "  - `{field}`, {} ({default}): {meaning}", holds(&row.ty, types, queue)).unwrap();
        }
    }
}

fn default_of(row: &Row, types: &BTreeMap<String, Described>) -> String {
    match row.default.as_deref() {
        None => "required".to_owned(),
        Some("") => match head(&row.ty).as_str() {
            "Option" => "none".to_owned(),
            "Vec" | "Table" | "IndexMap" => "empty".to_owned(),
            "bool" => "`false`".to_owned(),
            other => types.get(other).map_or_else(
                || "zero".to_owned(),
                |described| match &described.shape {
                    Shape::Choice(variants) => variants
                        .iter()
                        .find(|variant| variant.1.ends_with("The default."))
                        .map_or_else(|| "none".to_owned(), |variant| format!("`{}`", variant.0)),
                    Shape::Record(_) => "empty".to_owned(),
                },
            ),
        },
        Some(value) => format!("`{value}`"),
    }
}

fn head(ty: &Type) -> String {
    match ty {
        Type::Path(path) => {
            path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn arguments(ty: &Type) -> Vec<Type> {
    let Type::Path(path) = ty else { return Vec::new() };
    let Some(PathArguments::AngleBracketed(list)) = path.path.segments.last().map(|last| &last.arguments)
    else {
        return Vec::new();
    };
    let mut types = Vec::new();
    for argument in &list.args {
        if let GenericArgument::Type(ty) = argument {
            types.push(ty.clone());
        }
    }
    types
}

/// Words of the documents and tests of the project, and those of them that are followed by a colon.
fn words() -> (BTreeSet<String>, BTreeSet<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("scenarios"), root.join("tests"), root.join("src/compile/tests")];
    let (mut words, mut fields) = (BTreeSet::new(), BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "ron" || e == "rs")
                && !["reference.rs", "fuzz.rs"].iter().any(|name| path.ends_with(name))
            {
                let text = std::fs::read_to_string(&path).unwrap();
                let mut rest = text.as_str();
                while let Some(at) = rest.find(|c: char| c.is_ascii_alphabetic()) {
                    rest = &rest[at..];
                    let end =
                        rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                    let word = rest[..end].to_owned();
                    rest = &rest[end..];
                    if rest.starts_with(':') && !rest.starts_with("::") {
                        fields.insert(word.clone());
                    }
                    words.insert(word);
                }
            }
        }
    }
    (words, fields)
}

/// A test of what nobody has written down yet: each field and each choice stands in some document or test.
#[test]
fn everything_that_can_be_said_is_said_somewhere() {
    let types = described(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/document/types"));
    let (words, fields) = words();
    // What is the default and changes nothing where it is written.
    let plain = ["Members", "header", "language"];
    let mut missing = Vec::new();
    for (name, described) in types.iter().filter(|(name, _)| *name != "RunBlock") {
        let rows: Vec<&Row> = match &described.shape {
            Shape::Record(rows) => rows.iter().collect(),
            Shape::Choice(variants) => {
                let unsaid = variants.iter().map(|v| v.0.as_str());
                let unsaid = unsaid.filter(|v| !words.contains(*v) && !plain.contains(v));
                missing.extend(unsaid.map(|variant| format!("{name}::{variant}")));
                variants.iter().flat_map(|v| &v.2).collect()
            }
        };
        let unsaid = rows
            .iter()
            .filter_map(|row| row.name.as_ref())
            .filter(|field| !fields.contains(*field) && !plain.contains(&field.as_str()));
        missing.extend(unsaid.map(|field| format!("{name}.{field}")));
    }
    assert!(missing.is_empty(), "no document or test says {missing:?}");
}

/// A type in the words of a user; types of the language are linked and described later.
fn holds(ty: &Type, types: &BTreeMap<String, Described>, queue: &mut VecDeque<String>) -> String {
    if let Type::Tuple(tuple) = ty {
        let parts: Vec<String> = tuple.elems.iter().map(|part| holds(part, types, queue)).collect();
        return format!("({})", parts.join(", "));
    }
    let inside = arguments(ty);
    let mut of = |index: usize| inside.get(index).map(|ty| holds(ty, types, queue)).unwrap_or_default();
    match head(ty).as_str() {
        "Option" | "Spanned" | "Box" => of(0),
        "Vec" | "SmallVec" => format!("list of {}", of(0)),
        "Table" => format!("map from name to {}", of(0)),
        "IndexMap" | "BTreeMap" => format!("map from {} to {}", of(0), of(1)),
        "Name" => "name".to_owned(),
        "String" => "text".to_owned(),
        "Param" => "parameter".to_owned(),
        "bool" => "`true` or `false`".to_owned(),
        "f64" => "number".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => "whole number".to_owned(),
        other if types.contains_key(other) => {
            queue.push_back(other.to_owned());
            format!("[{other}](#{})", other.to_lowercase())
        }
        _ => ty.to_token_stream().to_string(),
    }
}
