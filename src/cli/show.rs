//! `show`: a built-in document as it is.

use super::args::ShowArgs;
use super::failure::Failure;
use super::term;
use crate::document::builtin;

pub(crate) fn run(args: &ShowArgs) -> Result<(), Failure> {
    match builtin::get(&args.name) {
        Some(document) if document.text.ends_with('\n') => term::result(document.text),
        Some(document) => term::result(&format!("{}\n", document.text)),
        None => {
            let all = builtin::all();
            Err(Failure::wrong(format!("there is no built-in document `{}`", args.name))
                .did_you_mean(&args.name, all.iter().map(|d| d.name))
                .hint("`blueprint-sim list` names them all"))
        }
    }
}
