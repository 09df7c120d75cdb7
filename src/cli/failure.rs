//! What ends a command early, and with which exit status.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::document::Diagnostic;
use crate::document::render::render_all;
use crate::document::source::SourceMap;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line makes no sense: status 2.
    Usage(Message),
    /// Documents, data, limits or files are wrong: status 1.
    Wrong(Message),
    /// Messages about documents, already rendered: status 1.
    Documents(String),
    /// Everything has been said already: status 1.
    Told,
    /// Ctrl-C, after what is done was kept: status 130, silent.
    Interrupted,
    /// Nobody reads the output any more: status 0, silent.
    Closed,
}

/// What is wrong, and what to do.
#[derive(Debug)]
pub(crate) struct Message {
    what: String,
    hints: Vec<String>,
}

impl Message {
    fn new(what: impl Into<String>) -> Message {
        Message { what: what.into(), hints: Vec::new() }
    }
}

impl Failure {
    pub(crate) fn usage(what: impl Into<String>) -> Failure {
        Failure::Usage(Message::new(what))
    }

    pub(crate) fn wrong(what: impl Into<String>) -> Failure {
        Failure::Wrong(Message::new(what))
    }

    /// Messages about documents.
    pub(crate) fn documents(diagnostics: &[Diagnostic], sources: &SourceMap) -> Failure {
        Failure::Documents(render_all(diagnostics, sources, true))
    }

    /// A file or folder that could not be used: names it and says what to do.
    pub(crate) fn file(doing: &str, path: &Path, error: &io::Error) -> Failure {
        let shown = path.display();
        let failure = Failure::wrong(format!("cannot {doing} `{shown}`: {}", plain(error)));
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                failure.hint("choose a place that you may write to, or change its permissions")
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                failure.hint("make room on the disk, or choose another place")
            }
            io::ErrorKind::NotFound => failure.hint("check the name, and that its folder exists"),
            io::ErrorKind::IsADirectory => failure.hint("name a file, not a folder"),
            io::ErrorKind::NotADirectory => failure.hint("a part of this path is a file, not a folder"),
            _ => failure,
        }
    }

    #[must_use]
    pub(crate) fn hint(mut self, text: impl Into<String>) -> Failure {
        if let Failure::Usage(message) | Failure::Wrong(message) = &mut self {
            message.hints.push(text.into());
        }
        self
    }

    /// Adds "did you mean" if a known name is close.
    #[must_use]
    pub(crate) fn did_you_mean<'a>(self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Failure {
        match crate::document::nearest(name, known) {
            Some(nearest) => self.hint(format!("did you mean `{nearest}`?")),
            None => self,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Usage(_) => ExitCode::from(2),
            Failure::Wrong(_) | Failure::Documents(_) | Failure::Told => ExitCode::from(1),
            Failure::Interrupted => ExitCode::from(130),
            Failure::Closed => ExitCode::SUCCESS,
        }
    }
}

/// What the system says, without the number of the error.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_lowercase(),
        None => text,
    }
}

impl fmt::Display for Failure {
    /// As it goes to stderr, with escape codes for colour, ending with a line break; empty if there is nothing to
    /// say.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        use anstyle::{AnsiColor, Style};
        match self {
            Failure::Usage(message) | Failure::Wrong(message) => {
                let red = Style::new().bold().fg_color(Some(AnsiColor::BrightRed.into()));
                let blue = Style::new().bold().fg_color(Some(AnsiColor::BrightCyan.into()));
                writeln!(f, "{red}error{red:#}: {}", message.what)?;
                for hint in &message.hints {
                    writeln!(f, "  {blue}help{blue:#}: {hint}")?;
                }
                Ok(())
            }
            Failure::Documents(text) => f.write_str(text),
            Failure::Told | Failure::Interrupted | Failure::Closed => Ok(()),
        }
    }
}
