//! What goes to the terminal: results to stdout, everything else to stderr.
//!
//! Colour is stripped where the stream is no terminal or NO_COLOR is set (anstream). A reader that went away
//! (`| head`) ends the command in silence.

use std::io::{self, Write};

use super::failure::Failure;

/// Columns where the output is no terminal.
const WIDTH: usize = 100;

/// Writes a result to stdout.
///
/// # Errors
/// [`Failure::Closed`] if nobody reads any more.
pub(crate) fn result(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Closed,
        _ => Failure::wrong(format!("cannot write to the standard output: {error}")),
    })
}

/// Writes a note to stderr. That nobody may read it is no reason to stop.
pub(crate) fn note(text: &str) {
    let mut err = anstream::stderr().lock();
    let _ = writeln!(err, "{}", text.trim_end());
}

/// Columns of the terminal, at least 60 and at most 120; 100 where the output is none.
pub(crate) fn width() -> usize {
    use std::io::IsTerminal;
    if !io::stdout().is_terminal() {
        return WIDTH;
    }
    terminal_size::terminal_size().map_or(WIDTH, |(w, _)| usize::from(w.0).clamp(60, 120))
}
