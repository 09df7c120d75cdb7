//! Reading files: documents that others name, and what a user points at.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use crate::document::merge::{Found, Loader};
use crate::document::source::{MAX_BYTES, check_size};
use crate::document::{Diagnostic, builtin};

/// Opens documents in the file system.
#[derive(Debug, Default)]
pub(crate) struct Files;

impl Loader for Files {
    fn file(&self, name: &str, from: Option<&str>) -> Result<Option<Found>, Diagnostic> {
        let folder = from.and_then(|from| Path::new(from).parent()).unwrap_or(Path::new(""));
        let path = plain(&folder.join(name));
        let with_ending = PathBuf::from(format!("{}.ron", path.display()));
        for candidate in [&path, &with_ending] {
            match fs::metadata(candidate) {
                Ok(found) if found.is_dir() => continue,
                Ok(_) => {
                    let shown = candidate.display().to_string();
                    return Ok(Some(Found { bytes: read(candidate)?, path: shown }));
                }
                Err(error) if missing(&error) => continue,
                Err(error) => return Err(cannot_read(candidate, &error.to_string())),
            }
        }
        if path.is_dir() && builtin::get(name).is_none() {
            let message = format!("`{name}` is a folder, not a document");
            let diagnostic = Diagnostic::error("not-a-file", message);
            return Err(match path.join("model.ron").is_file() {
                true => diagnostic
                    .hint(format!("the document of this run is `{}`", path.join("model.ron").display())),
                false => diagnostic.hint("name a file in it"),
            });
        }
        Ok(None)
    }
}

/// A file does not exist; the name may be none that a file could have, such as one that is too long.
fn missing(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename | ErrorKind::InvalidInput
    )
}

/// The bytes of a document.
///
/// # Errors
/// `cannot-read`, `too-large`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let shown = path.display().to_string();
    let file = File::open(path).map_err(|error| cannot_read(path, &error.to_string()))?;
    let found = file.metadata().map_err(|error| cannot_read(path, &error.to_string()))?;
    if found.is_dir() {
        return Err(Diagnostic::error("not-a-file", format!("`{shown}` is a folder, not a file")));
    }
    if found.is_file() {
        check_size(&shown, found.len())?;
    }
    // What is no ordinary file may say nothing of its length, or lie.
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| cannot_read(path, &error.to_string()))?;
    check_size(&shown, bytes.len() as u64)?;
    Ok(bytes)
}

fn cannot_read(path: &Path, error: &str) -> Diagnostic {
    let error = error.split(" (os error").next().unwrap_or(error).to_lowercase();
    Diagnostic::error("cannot-read", format!("cannot read `{}`: {error}", path.display()))
        .hint("check the name and the permissions of the file")
}

/// The path without `.` and, where the text alone says it, without `..`: the same file gets the same name.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_plain() {
        assert_eq!(plain(Path::new("./a/../b/c.ron")), Path::new("b/c.ron"));
        assert_eq!(plain(Path::new("../a.ron")), Path::new("../a.ron"));
        assert_eq!(plain(Path::new("/a/./b")), Path::new("/a/b"));
    }
}
