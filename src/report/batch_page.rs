//! The page `report.html` of what is made of many runs: one file, no network, no script, a table beside each chart.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use super::html::with_own_ids;

const TEMPLATE: &str = include_str!("html/batch.html.j2");

/// What such a page says.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BatchPage {
    /// Title of the scenario or experiment.
    pub title: String,
    /// What was made: "Comparison", "Batch", "Sensitivity".
    pub kind: String,
    /// Replay, counterfactual, exercise.
    pub setting: String,
    /// That it is a simulation, and of what kind.
    pub banner: String,
    /// The finding in plain words, the most important sentence first.
    pub sentences: Vec<String>,
    /// Parts of the page.
    pub sections: Vec<PageSection>,
    /// What must not be read into it.
    pub limits: Vec<String>,
    /// How it was made: scenario, seed, replications, version.
    pub identity: Vec<(String, String)>,
}

/// A part of the page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PageSection {
    /// For links; letters and hyphens.
    pub id: String,
    /// Heading.
    pub heading: String,
    /// Text above chart and tables.
    pub text: Vec<String>,
    /// A chart.
    pub figure: Option<PageFigure>,
    /// Tables.
    pub tables: Vec<PageTable>,
}

/// A chart on the page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PageFigure {
    /// What it shows, as its title says.
    pub finding: String,
    /// The drawing as SVG.
    pub svg: String,
}

/// A table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PageTable {
    /// What it shows.
    pub caption: String,
    /// Names of the columns.
    pub head: Vec<String>,
    /// Rows, a text for each column.
    pub rows: Vec<Vec<String>>,
    /// A line under it; may be empty.
    pub note: String,
}

impl PageTable {
    /// A table without rows.
    pub fn new(caption: impl Into<String>, head: &[&str]) -> PageTable {
        let head = head.iter().map(|name| (*name).to_owned()).collect();
        PageTable { caption: caption.into(), head, ..PageTable::default() }
    }
}

/// The page as HTML.
///
/// # Errors
/// The program was built with a damaged template.
pub fn batch_page(page: &BatchPage) -> Result<String, minijinja::Error> {
    let mut page = page.clone();
    for section in &mut page.sections {
        if let Some(figure) = &mut section.figure {
            figure.svg = with_own_ids(&figure.svg, &section.id);
        }
    }
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.add_template("report.html", TEMPLATE)?;
    let mut html = env.get_template("report.html")?.render(Serde(&page))?;
    if !html.ends_with('\n') {
        html.push('\n');
    }
    Ok(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_said_and_escaped() {
        let mut table = PageTable::new("Differences", &["Figure", "Difference"]);
        table.rows.push(vec!["<b>".to_owned(), "9 h & more".to_owned()]);
        let page = BatchPage {
            title: "A <script> title".to_owned(),
            kind: "Comparison".to_owned(),
            banner: "This is a simulation.".to_owned(),
            sentences: vec!["It comes earlier.".to_owned()],
            sections: vec![PageSection {
                id: "differences".to_owned(),
                heading: "What changes".to_owned(),
                figure: Some(PageFigure {
                    finding: "Less".to_owned(),
                    svg: "<svg id=\"a\"></svg>".to_owned(),
                }),
                tables: vec![table],
                ..PageSection::default()
            }],
            identity: vec![("Seed".to_owned(), "1".to_owned())],
            ..BatchPage::default()
        };
        let html = batch_page(&page).unwrap();
        for text in [
            "This is a simulation.",
            "It comes earlier.",
            "<svg id=\"differences-a\">",
            "&lt;b&gt;",
            "9 h &amp; more",
            "<dt>Seed</dt><dd>1</dd>",
        ] {
            assert!(html.contains(text), "{text}");
        }
        assert!(!html.contains("<script") && !html.contains("http"), "no script and no network");
    }
}
