//! Tables of the page, and how they get into it.

use std::fmt::Write as _;
use std::path::Path;

use crate::common::turns::{Spread, Timing};

const BEGIN: &str = "<!-- figures: written by benches/peers/compare.sh, not by hand -->";
const END: &str = "<!-- end of figures -->";

/// Tables in Markdown, as they are printed and written.
#[derive(Default)]
pub(crate) struct Page {
    text: String,
}

/// A goal and what was measured of it.
pub(crate) struct Goal {
    /// What was asked for.
    pub(crate) what: &'static str,
    /// The bound, in words.
    pub(crate) bound: String,
    /// What was measured, in words; none: could not be measured here.
    pub(crate) measured: Option<String>,
    /// Whether it was met.
    pub(crate) met: bool,
}

impl Page {
    /// A paragraph.
    pub(crate) fn say(&mut self, text: &str) {
        self.text += text;
        self.text += "\n\n";
    }

    /// Contenders of one model, compared with the first of them.
    pub(crate) fn contest(&mut self, title: &str, timings: &[Timing], missing: &[&str]) {
        let base = timings[0].name.clone();
        let _ = writeln!(self.text, "### {title}\n");
        let _ = writeln!(self.text, "| way | ns per event | events per second | times the {base} |");
        let _ = writeln!(self.text, "| --- | --- | --- | --- |");
        for timing in timings {
            let ns = timing.spread();
            let _ = writeln!(
                self.text,
                "| {} | {} | {} | {} |",
                timing.name,
                range(ns, 0),
                thousands(1e9 / ns.median),
                range(timing.ratio_to(&timings[0]), 2)
            );
        }
        for name in missing {
            let _ = writeln!(self.text, "| {name} | not installed here | | |");
        }
        let _ = writeln!(self.text);
    }

    /// Any table.
    pub(crate) fn table(&mut self, title: &str, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
        let _ = writeln!(self.text, "### {title}\n\n| {} |", head.join(" | "));
        let _ = writeln!(self.text, "|{}", " --- |".repeat(head.len()));
        for row in rows {
            let _ = writeln!(self.text, "| {} |", row.join(" | "));
        }
        let _ = writeln!(self.text);
    }

    /// The goals.
    pub(crate) fn goals(&mut self, goals: &[Goal]) {
        let _ = writeln!(self.text, "### Goals\n\n| goal | bound | measured | |\n| --- | --- | --- | --- |");
        for goal in goals {
            let (measured, verdict) = match &goal.measured {
                Some(measured) => (measured.as_str(), if goal.met { "met" } else { "**missed**" }),
                None => ("not measured here", ""),
            };
            let _ = writeln!(self.text, "| {} | {} | {measured} | {verdict} |", goal.what, goal.bound);
        }
        let _ = writeln!(self.text);
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Puts the text between the markers of a page.
    ///
    /// # Errors
    /// If the page cannot be read or written, or has no markers.
    pub(crate) fn write_into(&self, page: &Path) -> std::io::Result<()> {
        let old = std::fs::read_to_string(page)?;
        let place = old.find(BEGIN).zip(old.find(END)).filter(|(begin, end)| begin < end);
        let Some((begin, end)) = place else {
            return Err(std::io::Error::other(format!("no line `{BEGIN}` before `{END}`")));
        };
        let head = &old[..begin + BEGIN.len()];
        std::fs::write(page, format!("{head}\n\n{}\n\n{}", self.text.trim(), &old[end..]))
    }
}

/// `median (min..max)`.
pub(crate) fn range(spread: Spread, digits: usize) -> String {
    let Spread { min, median, max } = spread;
    if min == max {
        return format!("{median:.digits$}");
    }
    format!("{median:.digits$} ({min:.digits$}..{max:.digits$})")
}

/// A whole number with commas.
pub(crate) fn thousands(number: f64) -> String {
    let digits = format!("{:.0}", number.max(0.0));
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
