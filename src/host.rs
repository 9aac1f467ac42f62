//! The outside: clock, environment, the user's own files. Nothing else reads them, but for discover and emit.

use crate::evidence::text::shown;
use jiff::Timestamp;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

/// Places where code hosts look for CODEOWNERS.
const CODEOWNERS: [&str; 4] = ["CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// Now, to the second, RFC 3339 in UTC.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "host is the module that reads the clock")]
pub fn now() -> String {
    Timestamp::from_second(Timestamp::now().as_second()).map(|t| t.to_string()).unwrap_or_default()
}

/// A time as the user gives it, brought to RFC 3339 in UTC.
///
/// # Errors
/// In words, where it is no time.
pub fn parse_time(text: &str) -> Result<String, String> {
    text.parse::<Timestamp>().map(|t| t.to_string()).map_err(|e| format!("`{text}` is no time: {e}"))
}

/// The value of an environment variable; empty where it is not set.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "host is the module that reads the environment")]
pub fn environment(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Reads a text that the user names, such as a report or a diff, of at most `max` bytes.
///
/// # Errors
/// In words, where it cannot be read, is longer, or is no UTF-8 text.
pub fn read_text(path: &Path, max: u64) -> Result<String, String> {
    let text = String::from_utf8(read_bytes(path, max)?).map_err(|e| e.utf8_error().valid_up_to());
    text.map_err(|at| format!("{} is not UTF-8 text from byte {at} on", shown(path)))
}

/// Reads a file as bytes, at most `max`.
///
/// # Errors
/// In words.
pub fn read_bytes(path: &Path, max: u64) -> Result<Vec<u8>, String> {
    let content = limited(path, max.saturating_add(1)).map_err(|e| unread(path, &e))?;
    if content.len() as u64 > max { Err(too_long(path, max)) } else { Ok(content) }
}

/// The first bytes of a regular file, at most `max`; nothing where none can be read.
#[must_use]
pub fn read_head(path: &Path, max: u64) -> Vec<u8> {
    if path.is_file() { limited(path, max).unwrap_or_default() } else { Vec::new() }
}

#[expect(clippy::disallowed_methods, reason = "host reads the user's own files")]
fn limited(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    std::fs::File::open(path)?.take(max).read_to_end(&mut content)?;
    Ok(content)
}

fn unread(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read: {error}", shown(path))
}

fn too_long(path: &Path, max: u64) -> String {
    format!("{} is larger than {max} bytes", shown(path))
}

/// Folders of which files may be read that a policy names: the repository, and the folder of a policy or of templates
/// that the command line names. Never the system's own, whose files tell what runs beside.
#[derive(Debug, Clone, Default)]
pub struct Roots(Vec<PathBuf>);

/// Where kernels show processes and devices as files.
const SYSTEM: [&str; 3] = ["/proc", "/sys", "/dev"];
/// Where they keep ordinary files beside the devices.
const MEMORY: &str = "/dev/shm";

impl Roots {
    /// The repository around the working folder: the nearest folder above with `.git` in it, or the working folder.
    #[must_use]
    pub fn of_repository() -> Self {
        // A working folder that was removed is below nothing.
        let Ok(here) = std::fs::canonicalize(".") else { return Self::default() };
        let root = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here);
        Self(vec![root.to_owned()])
    }

    /// One folder alone.
    #[must_use]
    pub fn only(folder: &Path) -> Self {
        Self(std::fs::canonicalize(folder).into_iter().collect())
    }

    /// The same and a folder that the command line names. One that is written as below the repository has to be there: a
    /// link that leads out of the repository is no way to name another place.
    #[must_use]
    pub fn and(mut self, folder: &Path) -> Self {
        let mut written = std::fs::canonicalize(".").unwrap_or_default();
        for part in folder.components() {
            match part {
                Component::ParentDir => _ = written.pop(),
                Component::CurDir => {}
                part => written.push(part),
            }
        }
        let is_below = self.0.iter().any(|root| written.starts_with(root));
        self.0.extend((!is_below).then(|| std::fs::canonicalize(folder).ok()).flatten());
        self
    }

    /// Reads a text of at most `max` bytes: a regular file below one of the folders, wherever links lead.
    ///
    /// # Errors
    /// In words, where it is elsewhere, no file, too long, or no UTF-8 text. Nothing of it is quoted.
    pub fn read(&self, path: &Path, max: u64) -> Result<String, String> {
        let real = std::fs::canonicalize(path).map_err(|e| unread(path, &e))?;
        let system = SYSTEM.iter().any(|folder| real.starts_with(folder)) && !real.starts_with(MEMORY);
        if system || !self.0.iter().any(|root| real.starts_with(root)) {
            return Err(format!("{} leads out of the folders that may be read", shown(path)));
        }
        let meta = std::fs::metadata(&real).map_err(|e| unread(path, &e))?;
        match meta.len() {
            _ if !meta.is_file() => Err(format!("{} is not a file", shown(path))),
            length if length > max => Err(too_long(path, max)),
            _ => read_text(&real, max),
        }
    }
}

/// The files below a folder: name from there, with forward slashes, and path; sorted. Links to files are followed.
///
/// # Errors
/// In words.
pub fn files_below(folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|e| format!("{} cannot be read: {e}", shown(folder)))?;
        if entry.path().is_file() {
            let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            let parts: Vec<_> = below.components().map(|c| c.as_os_str().to_string_lossy()).collect();
            files.push((parts.join("/"), entry.path().to_owned()));
        }
    }
    Ok(files)
}

/// Reads a source file below a folder by a path that an artifact gives: it never leads out of the folder, neither as an
/// absolute path, nor by `..`, nor through a link, and a file of more than `max` bytes is not read.
///
/// # Errors
/// In words, where it leads out, is no file, is too long, or is no UTF-8 text.
#[expect(clippy::disallowed_methods, reason = "host reads the user's own files")]
pub fn read_below(folder: &Path, path: &str, max: u64) -> Result<String, String> {
    let parts: Vec<Component<'_>> = Path::new(path).components().collect();
    if parts.is_empty() || !parts.iter().all(|part| matches!(part, Component::Normal(_))) {
        return Err("its path leads out of the folder".to_owned());
    }
    let mut at = folder.to_owned();
    let mut length = None;
    for part in parts {
        at.push(part);
        let met = std::fs::symlink_metadata(&at).map_err(|e| format!("it cannot be read: {e}"))?;
        if met.file_type().is_symlink() {
            return Err("a link is on the way to it".to_owned());
        }
        length = met.is_file().then_some(met.len());
    }
    match length {
        None => Err("it is no file".to_owned()),
        Some(length) if length > max => Err(format!("it has more than {max} bytes")),
        Some(_) => {
            let bytes = std::fs::read(&at).map_err(|e| format!("it cannot be read: {e}"))?;
            String::from_utf8(bytes)
                .map_err(|e| format!("it is no UTF-8 text from byte {} on", e.utf8_error().valid_up_to()))
        }
    }
}

/// Names of the folders in a folder, sorted; links are not followed.
///
/// # Errors
/// In words.
pub fn folders(path: &Path) -> Result<Vec<String>, String> {
    let entries = std::fs::read_dir(path).map_err(|e| unread(path, &e))?;
    let folders = entries.filter_map(Result::ok).filter(|e| e.file_type().is_ok_and(|t| t.is_dir()));
    let mut names: Vec<String> = folders.filter_map(|e| e.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// The files of a name at any depth of a folder, sorted, and in words what could not be looked into; links are not
/// followed. A path that is no folder is its own answer.
#[must_use]
pub fn files_named(path: &Path, name: &str) -> (Vec<PathBuf>, Vec<String>) {
    if !path.is_dir() {
        return (vec![path.to_owned()], Vec::new());
    }
    let (mut files, mut unread) = (Vec::new(), Vec::new());
    for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() && entry.file_name() == name => {
                files.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => unread.push(error.to_string()),
        }
    }
    (files, unread)
}

/// True where a regular file lies.
#[must_use]
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// The text of a file at a commit, branch or tag, as git has it. Paths are relative to the working folder.
///
/// # Errors
/// In words: no git, no repository, no such ref or file.
pub fn git_show(git_ref: &str, path: &str) -> Result<String, String> {
    // A leading `./` makes git take the path from the working folder and not from the root.
    let object = if Path::new(path).is_absolute() { path.to_owned() } else { format!("{git_ref}:./{path}") };
    git(&["show", "--end-of-options", &object])
        .map_err(|why| format!("{path} cannot be read at {git_ref}: {why}"))
}

/// The unified diff of the working copy's commit since it left `base`.
///
/// # Errors
/// In words: no git, no repository, no such ref, too little history.
pub fn git_diff(base: &str) -> Result<String, String> {
    let range = format!("{base}...HEAD");
    let options = [
        "diff",
        "--unified=0",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--src-prefix=a/",
        "--dst-prefix=b/",
    ];
    let arguments: Vec<&str> = options.into_iter().chain(["--end-of-options", &range]).collect();
    git(&arguments).map_err(|why| format!("git cannot tell the changes since {base}: {why}"))
}

/// The commit that is checked out, and its tree.
///
/// # Errors
/// In words: no git, no repository, no commit.
pub fn git_head() -> Result<(String, String), String> {
    let text = git(&["rev-parse", "HEAD", "HEAD^{tree}"])?;
    let mut lines = text.lines().map(str::to_owned);
    Ok((lines.next().unwrap_or_default(), lines.next().unwrap_or_default()))
}

/// The tree of a commit, or an empty text where git does not know it.
#[must_use]
pub fn git_tree(commit: &str) -> String {
    let object = format!("{commit}^{{tree}}");
    let known = git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &object]);
    known.ok().and_then(|text| text.lines().last().map(str::to_owned)).unwrap_or_default()
}

/// Runs a command with this process's own input and outputs, and answers its exit code; one that was stopped by a signal
/// has 128 and the signal's number, as shells count.
///
/// # Errors
/// In words, where it cannot be started.
#[expect(clippy::disallowed_methods, reason = "host is the module that starts processes")]
pub fn run(command: &[String]) -> Result<i32, String> {
    let (program, arguments) = command.split_first().ok_or("no command is given")?;
    let status = std::process::Command::new(program).args(arguments).status();
    let status = status.map_err(|e| format!("`{program}` cannot be started: {e}"))?;
    Ok(status.code().unwrap_or_else(|| signal(status).saturating_add(128)))
}

#[cfg(unix)]
fn signal(status: std::process::ExitStatus) -> i32 {
    std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or(1)
}

#[cfg(not(unix))]
const fn signal(_: std::process::ExitStatus) -> i32 {
    1
}

#[expect(clippy::disallowed_methods, reason = "host is the module that starts processes")]
fn git(arguments: &[&str]) -> Result<String, String> {
    let output = std::process::Command::new("git")
        .args(arguments)
        .output()
        .map_err(|e| format!("git does not run: {e}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().next().unwrap_or("git failed").trim().to_owned())
}

/// The text of the first CODEOWNERS file at one of the usual places below the working folder; empty where there is none of
/// at most `max` bytes.
#[must_use]
pub fn codeowners(max: u64) -> String {
    let roots = Roots::of_repository();
    CODEOWNERS.iter().find_map(|path| roots.read(Path::new(path), max).ok()).unwrap_or_default()
}
