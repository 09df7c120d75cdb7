//! Ctrl-C: at once, or, while a batch is under way, after what is being simulated.

use std::sync::atomic::{AtomicBool, Ordering};

use super::folder;
use super::term;

/// Set when the user wants to stop.
static STOP: AtomicBool = AtomicBool::new(false);
/// Whether somebody looks at [`STOP`].
static GENTLE: AtomicBool = AtomicBool::new(false);

/// Ctrl-C takes away half-written files and ends the program with status 130.
pub(crate) fn install() {
    // Fails only if somebody else has set a handler; then theirs is as good.
    let _ = ctrlc::set_handler(|| {
        if GENTLE.load(Ordering::Relaxed) && !STOP.swap(true, Ordering::Relaxed) {
            term::note("interrupted: what is being simulated is finished and kept (again to leave at once)");
            return;
        }
        folder::remove_unfinished();
        term::note("interrupted");
        std::process::exit(130);
    });
}

/// While this lives, the first Ctrl-C only sets a flag.
pub(crate) struct Gentle;

impl Gentle {
    /// From now on.
    pub(crate) fn begin() -> Gentle {
        GENTLE.store(true, Ordering::Relaxed);
        Gentle
    }

    /// The flag.
    pub(crate) fn flag(&self) -> &'static AtomicBool {
        &STOP
    }

    /// Whether Ctrl-C has been pressed.
    pub(crate) fn stopped(&self) -> bool {
        STOP.load(Ordering::Relaxed)
    }
}

impl Drop for Gentle {
    fn drop(&mut self) {
        GENTLE.store(false, Ordering::Relaxed);
    }
}
