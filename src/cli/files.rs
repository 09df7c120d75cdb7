//! Reading files: documents that others name, and what a user points at.
//!
//! What a user names on the command line may lie anywhere. What a document names must lie in the root: the folder of
//! `--root`, or else the working directory and the folders of the documents that were named outside it. Links are
//! followed before that is looked at, and a name that leads out of the root is refused whether or not there is a
//! file, so that a document of somebody else cannot even find out. Where `--root` is given, what is named on the
//! command line has to lie in it too.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::failure::Failure;
use crate::document::merge::{Found, Loader};
use crate::document::source::{MAX_BYTES, check_size};
use crate::document::{Diagnostic, builtin};

/// Opens documents in the file system.
#[derive(Debug, Default)]
pub(crate) struct Files;

/// The folders in which documents may name files.
static ROOTS: Mutex<Roots> = Mutex::new(Roots { given: false, folders: Vec::new() });

struct Roots {
    /// Whether the user has given one.
    given: bool,
    /// Absolute, without links.
    folders: Vec<PathBuf>,
}

fn roots() -> MutexGuard<'static, Roots> {
    ROOTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says in which folder documents may name files; without one, the working directory.
///
/// # Errors
/// The folder does not exist or cannot be looked into.
pub(crate) fn set_root(root: Option<&Path>) -> Result<(), Failure> {
    let path = root.unwrap_or(Path::new("."));
    let folder = fs::canonicalize(path).and_then(|found| match found.is_dir() {
        true => Ok(found),
        false => Err(std::io::Error::from(std::io::ErrorKind::NotADirectory)),
    });
    let folders = match (folder, root) {
        (Ok(folder), _) => vec![folder],
        (Err(error), Some(path)) => return Err(Failure::file("use as root the folder", path, &error)),
        // A working directory that is gone holds no document either.
        (Err(_), None) => Vec::new(),
    };
    *roots() = Roots { given: root.is_some(), folders };
    Ok(())
}

/// Looks whether a file may be named, by a document or on the command line.
fn admitted(path: &Path, name: &str, by_document: bool) -> Result<(), Diagnostic> {
    let mut roots = roots();
    let found = resolved(path);
    if roots.folders.iter().any(|root| found.starts_with(root)) {
        return Ok(());
    }
    if !by_document && !roots.given {
        // The user has pointed there: its neighbours may be named by it.
        if found.is_file()
            && let Some(folder) = found.parent()
        {
            roots.folders.push(folder.to_path_buf());
        }
        return Ok(());
    }
    let message = format!("`{name}` lies outside the folder in which documents may name files");
    Err(Diagnostic::error("outside-root", message)
        .hint("copy it into the folder, or give a folder that holds both with `--root`"))
}

/// Looks whether a file that is named on the command line may be read.
///
/// # Errors
/// `outside-root` where `--root` is given and the file lies elsewhere.
pub(crate) fn named_by_user(path: &Path) -> Result<(), Diagnostic> {
    admitted(path, &path.display().to_string(), false)
}

/// A path as it is without links and `..`, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut rest = Vec::new();
    let mut there = absolute.as_path();
    loop {
        if let Ok(found) = fs::canonicalize(there) {
            let whole: PathBuf = std::iter::once(found).chain(rest.into_iter().rev()).collect();
            return plain(&whole);
        }
        match (there.parent(), there.components().next_back()) {
            (Some(parent), Some(last)) => {
                rest.push(PathBuf::from(last.as_os_str()));
                there = parent;
            }
            _ => return plain(&absolute),
        }
    }
}

impl Loader for Files {
    fn file(&self, name: &str, from: Option<&str>) -> Result<Option<Found>, Diagnostic> {
        let folder = from.and_then(|from| Path::new(from).parent()).unwrap_or(Path::new(""));
        let mut path = plain(&folder.join(name));
        if path.as_os_str().is_empty() {
            path = PathBuf::from(".");
        }
        let with_ending = PathBuf::from(format!("{}.ron", path.display()));
        if from.is_some() {
            admitted(&path, name, true)?;
        }
        for candidate in [&path, &with_ending] {
            match fs::metadata(candidate) {
                Ok(found) if found.is_dir() => continue,
                Ok(_) => {
                    admitted(candidate, name, from.is_some())?;
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
