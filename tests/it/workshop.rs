//! A folder of its own for each test, and the program run in it with an empty environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use tempfile::TempDir;

/// A temporary folder with files in it.
pub(crate) struct Workshop {
    folder: TempDir,
}

impl Workshop {
    /// An empty folder.
    pub(crate) fn new() -> Workshop {
        Workshop { folder: TempDir::new().unwrap() }
    }

    /// A folder with the small documents of `tests/cases/cli`.
    pub(crate) fn with_cases() -> Workshop {
        let workshop = Workshop::new();
        for name in ["mini.ron", "storm.ron"] {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/cli").join(name);
            workshop.file(name, std::fs::read(from).unwrap());
        }
        workshop
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The program with arguments separated by spaces, in the folder, with nothing in its environment.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_blueprint-sim"));
        command.env_clear().current_dir(self.folder.path()).args(arguments.split_whitespace());
        // The switch of a deliberate bug reaches the program; see examples/mutants.rs.
        command.envs(std::env::var_os("MUTANT").map(|bug| ("MUTANT", bug)));
        command
    }

    /// Runs the program and checks its exit status and that it did not panic.
    pub(crate) fn run(&self, arguments: &str, status: i32) -> Assert {
        let assert = self.command(arguments).assert();
        let output = assert.get_output();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{arguments}: {error}");
        assert!(!error.contains("panicked"), "{error}");
        assert
    }

    /// What the program printed as results.
    pub(crate) fn stdout(&self, arguments: &str) -> String {
        String::from_utf8(self.run(arguments, 0).get_output().stdout.clone()).unwrap()
    }

    /// What the program said about a failure; it prints no result then.
    pub(crate) fn failure(&self, arguments: &str, status: i32) -> String {
        let assert = self.run(arguments, status);
        assert_eq!(String::from_utf8_lossy(&assert.get_output().stdout), "", "{arguments}");
        String::from_utf8(assert.get_output().stderr.clone()).unwrap()
    }

    /// All files of a folder with their bytes; folders in it are left out.
    pub(crate) fn files(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        std::fs::read_dir(self.path(name))
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_file())
            .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
            .collect()
    }

    /// Checks that two folders hold the same files with the same bytes, and says where they first differ.
    pub(crate) fn assert_same(&self, left: &str, right: &str) {
        assert_eq!(self.names(left), self.names(right), "{left} and {right}");
        let right_files = self.files(right);
        for (name, bytes) in self.files(left) {
            let other = &right_files[&name];
            if bytes == *other {
                continue;
            }
            let (a, b) = (String::from_utf8_lossy(&bytes), String::from_utf8_lossy(other));
            let line = a.lines().zip(b.lines()).find(|(a, b)| a != b);
            let told = line.map(|(a, b)| {
                (a.chars().take(300).collect::<String>(), b.chars().take(300).collect::<String>())
            });
            panic!("{name} differs between {left} and {right}: {told:?}");
        }
    }

    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        self.files(name).into_keys().collect()
    }
}

/// The rows of a CSV file, the heading first.
pub(crate) fn csv(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}
