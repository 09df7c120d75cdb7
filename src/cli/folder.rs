//! The folder that a run writes: which one, when it may be replaced, and how no half file is ever left.
//!
//! All files of a run are first written beside their places under temporary names; only when the last is complete
//! are they renamed, `summary.json` at the end. So a kill leaves either the run before or the new one.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::failure::Failure;
use crate::export::ExportError;

/// The file by which a folder is known as ours.
pub(crate) const SUMMARY: &str = "summary.json";

/// What a batch was asked to be: its documents and variants, for whoever draws its charts again.
pub(crate) const BATCH: &str = "batch.json";

/// Names of all files that a run may write.
pub(crate) const OURS: [&str; 47] = [
    "model.ron",
    SUMMARY,
    BATCH,
    "report.html",
    "milestones.csv",
    "latency.csv",
    "knowledge.csv",
    "trace.jsonl",
    "measures.csv",
    "draws.csv",
    "timeline.svg",
    "timeline.png",
    "propagation.svg",
    "propagation.png",
    "awareness.svg",
    "awareness.png",
    "waterfall.svg",
    "waterfall.png",
    "map.svg",
    "map.png",
    "results.parquet",
    "runs.parquet",
    "variants.csv",
    "differences.csv",
    "differences.svg",
    "differences.png",
    "ecdf.svg",
    "ecdf.png",
    "fan.svg",
    "fan.png",
    "criticality.svg",
    "criticality.png",
    "tornado.svg",
    "tornado.png",
    "sensitivity.csv",
    "sensitivity.svg",
    "sensitivity.png",
    "index.html",
    "briefing.html",
    "msel.html",
    "msel.csv",
    "timeline-expected.html",
    "expected.csv",
    "expected.svg",
    "expected.png",
    "evaluation.html",
    "evaluation.csv",
];

/// Files of ours whose names depend on the documents: the models of a batch with several variants, and the pages of the
/// roles of an exercise.
fn is_named_by_document(name: &str) -> bool {
    (name.starts_with("model-") && name.ends_with(".ron"))
        || (name.starts_with("role-") && name.ends_with(".html"))
}

/// How temporary files are called: `.NAME.blueprint-sim-tmp`.
const TEMPORARY: &str = ".blueprint-sim-tmp";

/// Temporary files that exist now, to be taken away when the program is interrupted.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes away what an interrupted command has begun.
pub(crate) fn remove_unfinished() {
    for path in unfinished().drain(..) {
        let _ = fs::remove_file(path);
    }
}

/// Where the results of a run go.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// `./blueprint-out/<scenario>-seed<N>`.
    Default,
    /// `./blueprint-out/<scenario>-<what>-seed<N>`: what is made of many runs.
    DefaultOf(&'static str),
    /// As the user says.
    Given(PathBuf),
}

impl Place {
    /// The folder that is meant.
    pub(crate) fn path(&self, scenario: &str, seed: u64) -> PathBuf {
        match self {
            Place::Given(path) => path.clone(),
            Place::Default => Path::new("blueprint-out").join(format!("{}-seed{seed}", file_name(scenario))),
            Place::DefaultOf(what) => {
                Path::new("blueprint-out").join(format!("{}-{what}-seed{seed}", file_name(scenario)))
            }
        }
    }
}

/// A folder into which files are being written.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Folders that did not exist before, the outermost first.
    made: Vec<PathBuf>,
    written: Vec<String>,
    /// Everything is on the disk before the files get their names.
    durable: bool,
    done: AtomicBool,
}

impl Folder {
    /// Looks at the folder that is meant and makes sure that it may be written.
    ///
    /// # Errors
    /// A failure that says what is in the way and what to do.
    pub(crate) fn open(place: &Place, scenario: &str, seed: u64, force: bool) -> Result<Folder, Failure> {
        let path = place.path(scenario, seed);
        check(&path, place, scenario, force)?;
        Folder::make(path)
    }

    /// The same for a batch, whose journal may be in the folder: it is kept if the batch is to be resumed, and never
    /// lost without `--force`.
    ///
    /// # Errors
    /// A failure that says what is in the way and what to do.
    pub(crate) fn open_for_batch(
        place: &Place,
        scenario: &str,
        seed: u64,
        force: bool,
        resume: bool,
    ) -> Result<Folder, Failure> {
        let path = place.path(scenario, seed);
        let journal = path.join(super::batch::JOURNAL).is_file();
        if journal && !resume && !force {
            return Err(Failure::wrong(format!(
                "the folder `{}` holds a batch that is not complete",
                path.display()
            ))
            .hint("go on with `--resume` and the same options as before")
            .hint("or begin anew with `--force`"));
        }
        if !(journal && resume) {
            check(&path, place, scenario, force)?;
        }
        let mut folder = Folder::make(path)?;
        folder.durable = true;
        Ok(folder)
    }

    fn make(path: PathBuf) -> Result<Folder, Failure> {
        let mut made: Vec<PathBuf> = path
            .ancestors()
            .take_while(|p| !p.as_os_str().is_empty() && !p.exists())
            .map(Path::to_path_buf)
            .collect();
        made.reverse();
        fs::create_dir_all(&path).map_err(|error| Failure::file("make the folder", &path, &error))?;
        Ok(Folder { path, made, written: Vec::new(), durable: false, done: AtomicBool::new(false) })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The same folder, for files that are written at once.
    pub(crate) fn again(&self) -> Folder {
        Folder {
            path: self.path.clone(),
            made: Vec::new(),
            written: Vec::new(),
            durable: self.durable,
            done: AtomicBool::new(false),
        }
    }

    /// A folder from which is only read.
    pub(crate) fn of_past(path: &Path) -> Folder {
        Folder {
            path: path.to_path_buf(),
            made: Vec::new(),
            written: Vec::new(),
            durable: false,
            done: AtomicBool::new(true),
        }
    }

    /// What is in the folder stays although the command fails: the journal of a batch.
    pub(crate) fn keep(&self) {
        self.done.store(true, Ordering::Relaxed);
        remove_unfinished();
    }

    /// Names written so far.
    pub(crate) fn written(&self) -> &[String] {
        &self.written
    }

    /// Writes a file under its temporary name.
    ///
    /// # Errors
    /// A failure that names the file.
    pub(crate) fn write(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), ExportError>,
    ) -> Result<(), Failure> {
        let temporary = self.path.join(temporary(name));
        unfinished().push(temporary.clone());
        write_file(&temporary, content, self.durable)
            .map_err(|error| cannot_write(&self.path.join(name), &error))?;
        self.written.push(name.to_owned());
        Ok(())
    }

    /// Gives all files their names and takes away those of ours that this run did not write.
    ///
    /// # Errors
    /// A failure that names the file.
    pub(crate) fn finish(self) -> Result<PathBuf, Failure> {
        let mut names = self.written.clone();
        names.sort_by_key(|name| name == SUMMARY);
        for name in &names {
            let to = self.path.join(name);
            fs::rename(self.path.join(temporary(name)), &to)
                .map_err(|error| Failure::file("write", &to, &error))?;
        }
        let entries = fs::read_dir(&self.path).map_err(|e| Failure::file("look into", &self.path, &e))?;
        let there = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let models: Vec<String> = there.filter(|name| is_named_by_document(name)).collect();
        let ours = OURS.iter().map(|name| (*name).to_owned()).chain(models);
        for name in ours.filter(|name| !names.contains(name)) {
            let path = self.path.join(&name);
            match fs::remove_file(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Failure::file("remove the file of an earlier run", &path, &error)),
            }
        }
        self.done.store(true, Ordering::Relaxed);
        unfinished().clear();
        Ok(self.path.clone())
    }
}

impl Drop for Folder {
    /// What was not finished leaves nothing behind.
    fn drop(&mut self) {
        if !self.done.load(Ordering::Relaxed) {
            remove_unfinished();
            for path in self.made.iter().rev() {
                // Fails where somebody else has put something there, as it should.
                let _ = fs::remove_dir(path);
            }
        }
    }
}

/// Writes a single file: under a temporary name in its folder, then renamed.
///
/// # Errors
/// A failure that names the file.
pub(crate) fn write_one(
    path: &Path,
    content: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), ExportError>,
) -> Result<(), Failure> {
    if path.is_dir() {
        let error = io::Error::from(io::ErrorKind::IsADirectory);
        return Err(Failure::file("write", path, &error));
    }
    let Some(name) = path.file_name() else {
        return Err(Failure::wrong(format!("`{}` is not the name of a file", path.display())));
    };
    let temporary = path.with_file_name(temporary(&name.to_string_lossy()));
    unfinished().push(temporary.clone());
    let written = write_file(&temporary, content, false)
        .and_then(|()| fs::rename(&temporary, path).map_err(ExportError::from))
        .map_err(|error| cannot_write(path, &error));
    if written.is_err() {
        remove_unfinished();
    }
    unfinished().clear();
    written
}

fn write_file(
    path: &Path,
    content: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), ExportError>,
    durable: bool,
) -> Result<(), ExportError> {
    let mut out = BufWriter::new(File::create(path)?);
    content(&mut out)?;
    out.flush()?;
    if durable {
        out.get_ref().sync_all()?;
    }
    Ok(())
}

fn cannot_write(path: &Path, error: &ExportError) -> Failure {
    match error.io() {
        Some(io) => Failure::file("write", path, io),
        // serde_json wraps what the file system says.
        None => match error {
            ExportError::Json(json) if json.is_io() => {
                let kind = json.io_error_kind().unwrap_or(io::ErrorKind::Other);
                Failure::file("write", path, &io::Error::from(kind))
            }
            _ => Failure::wrong(format!("cannot write `{}`: {error}", path.display())),
        },
    }
}

fn temporary(name: &str) -> String {
    format!(".{name}{TEMPORARY}")
}

/// A document's name as part of a file's name.
pub(crate) fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let name: String = name.chars().take(100).map(plain).collect();
    // A leading dot would hide the folder.
    match name.trim_start_matches('.') {
        "" => "run".to_owned(),
        shown => shown.to_owned(),
    }
}

/// Whether the folder may be written.
fn check(path: &Path, place: &Place, scenario: &str, force: bool) -> Result<(), Failure> {
    let shown = path.display();
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::file("look into", path, &error)),
        Ok(found) if !found.is_dir() => {
            return Err(Failure::wrong(format!("`{shown}` is a file, not a folder"))
                .hint("choose another folder with `--out`"));
        }
        Ok(_) => {}
    }
    let empty = is_empty(path).map_err(|error| Failure::file("look into", path, &error))?;
    if empty || force {
        return Ok(());
    }
    match place {
        Place::Given(_) => Err(Failure::wrong(format!("the folder `{shown}` is not empty"))
            .hint("`--force` replaces the files of an earlier run and deletes no other")
            .hint("or choose an empty or a new folder with `--out`")),
        Place::Default | Place::DefaultOf(_) if scenario_in(path).as_deref() == Some(scenario) => Ok(()),
        Place::Default | Place::DefaultOf(_) => Err(Failure::wrong(format!(
            "the folder `{shown}` holds something else than a run of `{scenario}`"
        ))
        .hint("choose another folder with `--out`")
        .hint("or write beside what is there with `--force`, which deletes no file that is not ours")),
    }
}

/// Whether there is nothing in a folder, or only what an interrupted run left.
fn is_empty(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with('.') && name.ends_with(TEMPORARY)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The scenario of a summary of ours in a folder.
fn scenario_in(path: &Path) -> Option<String> {
    let file = path.join(SUMMARY);
    if fs::metadata(&file).ok()?.len() > 64 << 20 {
        return None;
    }
    let summary: serde_json::Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    let is_ours = summary.get("program")?.as_str()? == env!("CARGO_PKG_NAME");
    is_ours.then(|| summary.get("scenario")?.as_str().map(str::to_owned))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_documents_are_made_names_of_files() {
        assert_eq!(file_name("wannacry-2017"), "wannacry-2017");
        assert_eq!(file_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_name(".."), "run");
        assert_eq!(file_name(""), "run");
    }
}
