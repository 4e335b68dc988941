//! Models as of a commit: read out of git's objects, so that the working folder is neither needed nor
//! touched.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use limbeck_model::SourceFile;

use crate::context::{Ctx, here};
use crate::exit::{Failure, Result};
use crate::{comparing, output};

/// `REV`, or `REV:PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    /// As git names it.
    rev: String,
    /// The folder of models in it, from the repository's top; where the configuration has it, if not said.
    path: Option<String>,
}

/// A file as git lists it.
struct Entry<'a> {
    mode: &'a str,
    object: &'a str,
    /// None for what is no file.
    bytes: Option<u64>,
    /// From the folder of models.
    name: &'a str,
}

impl Commit {
    /// What follows `git:`.
    pub(crate) fn parse(words: &str) -> Self {
        match words.split_once(':') {
            Some((rev, path)) => Commit { rev: rev.to_owned(), path: Some(path.to_owned()) },
            None => Commit { rev: words.to_owned(), path: None },
        }
    }

    /// The model files, and what to call them.
    ///
    /// # Errors
    /// If git can't be run or has no such commit, or the commit has no models.
    pub(crate) fn files(&self, ctx: &Ctx) -> Result<(Vec<SourceFile>, String)> {
        let root = if self.path.is_some() { here()? } else { ctx.config()?.root.clone() };
        let git = Git { folder: &root };
        let object = self.object(&git)?;
        let folder = self.folder(ctx, &git)?;
        let tree = format!("{object}:{folder}");
        let place = if folder.as_str().is_empty() { "its top folder".to_owned() } else { folder.to_string() };
        if words(&git.run(&["cat-file", "-t", &tree])?.stdout) != "tree" {
            return Err(Failure::usage(format!("{} has no folder {place}", self.rev))
                .note("that is where the models are")
                .help("`git:REV:PATH` names another folder of the commit, from the repository's top"));
        }
        let listed = git.must(&["ls-tree", "-r", "-l", "-z", "--full-tree", &tree])?;
        let listed = String::from_utf8_lossy(&listed);
        let entries: Vec<Entry<'_>> = listed.split('\0').filter_map(Entry::parse).collect();
        let models = self.models(&entries)?;
        if models.is_empty() {
            return Err(Failure::usage(format!("there is no model file in {place} of {}", self.rev)));
        }
        // As `git show` takes it.
        let path =
            |entry: &Entry<'_>| -> Utf8PathBuf { format!("{}:{}", self.rev, folder.join(entry.name)).into() };
        let unread = |error| comparing::unread(&error);
        for entry in &models {
            limbeck_model::refuse_large(&path(entry), entry.bytes.unwrap_or_default()).map_err(unread)?;
        }
        let texts = models.iter().zip(git.texts(&models)?);
        let files = texts.map(|(entry, bytes)| limbeck_model::source(path(entry), bytes).map_err(unread));
        let files = files.collect::<Result<Vec<_>>>()?;
        Ok((files, format!("the models in git:{} ({})", self.rev, object.get(..8).unwrap_or(&object))))
    }

    /// The commit's id.
    fn object(&self, git: &Git<'_>) -> Result<String> {
        let top = git.run(&["rev-parse", "--git-dir"])?;
        if !top.status.success() {
            return Err(Failure::usage(format!("git:{} needs a git repository", self.rev))
                .note(words(&top.stderr))
                .help("a folder of models, or a snapshot file, can be a source without git"));
        }
        // A revision that begins with a dash would be an option.
        let named = format!("{}^{{commit}}", self.rev);
        let found = git.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &named])?;
        let object = String::from_utf8_lossy(&found.stdout).trim().to_owned();
        if found.status.success() && !object.is_empty() {
            return Ok(object);
        }
        let failure = Failure::usage(format!("git knows no commit {:?}", self.rev));
        let shallow = git.run(&["rev-parse", "--is-shallow-repository"])?;
        Err(if words(&shallow.stdout) == "true" {
            failure
                .note("this is a shallow clone: it has the newest commits alone, and of one branch")
                .help("`git fetch --depth=1 origin BRANCH` gets another branch: compare with git:FETCH_HEAD")
                .help("or clone with the whole history: `git fetch --unshallow`, `fetch-depth: 0` in a workflow")
        } else {
            failure.help("a branch, a tag, or an id; `origin/main` for a branch that was never checked out")
        })
    }

    /// The folder of models, from the repository's top.
    fn folder(&self, ctx: &Ctx, git: &Git<'_>) -> Result<Utf8PathBuf> {
        let prefix = || git.must(&["rev-parse", "--show-prefix"]);
        let path = match &self.path {
            // As in git: from the top, unless it says that it begins here.
            Some(path) if !path.starts_with('.') => Utf8PathBuf::from(path),
            Some(path) => Utf8PathBuf::from(words(&prefix()?)).join(path),
            None => {
                let config = ctx.config()?;
                let models = &config.models.directory;
                let models = models.strip_prefix(&config.root).unwrap_or(models);
                Utf8PathBuf::from(words(&prefix()?)).join(models)
            }
        };
        straight(&path).ok_or_else(|| {
            Failure::usage(format!("{path} lies outside of the repository"))
                .help("`git:REV:PATH` names the folder of models in the commit")
        })
    }

    /// The models among the files; links are not followed, as they may lead anywhere.
    fn models<'a>(&self, entries: &'a [Entry<'a>]) -> Result<Vec<&'a Entry<'a>>> {
        let seen = entries.iter().filter(|entry| !entry.is_hidden());
        let (files, others): (Vec<_>, Vec<_>) = seen.partition(|entry| entry.mode.starts_with("100"));
        for other in others {
            let path = Utf8Path::new(other.name);
            let what = if other.mode == "120000" { "a link" } else { "a submodule" };
            if limbeck_model::is_model(path) {
                return Err(Failure::usage(format!("{}: {path} is {what}", self.rev))
                    .note("of a commit, only files are read")
                    .help("check the commit out (`git worktree add`), and name its folder of models"));
            }
            output::warn(format!("{}: {path} is {what}, and not followed", self.rev));
        }
        Ok(files.into_iter().filter(|entry| limbeck_model::is_model(Utf8Path::new(entry.name))).collect())
    }
}

impl<'a> Entry<'a> {
    /// `100644 blob 1f2e…     120<tab>name`.
    fn parse(line: &'a str) -> Option<Self> {
        let (about, name) = line.split_once('\t')?;
        let mut about = about.split_ascii_whitespace();
        let (mode, object) = (about.next()?, about.nth(1)?);
        Some(Entry { mode, object, bytes: about.next()?.parse().ok(), name })
    }

    fn is_hidden(&self) -> bool {
        self.name.split('/').any(|part| part.starts_with('.'))
    }
}

/// Git, at work in a folder.
struct Git<'a> {
    folder: &'a Utf8Path,
}

impl Git<'_> {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.folder).args(args).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Result<Output> {
        self.command(args).output().map_err(|error| not_run(&error))
    }

    /// Runs what can only fail where the repository is broken.
    fn must(&self, args: &[&str]) -> Result<Vec<u8>> {
        let done = self.run(args)?;
        if done.status.success() { Ok(done.stdout) } else { Err(failed(&done)) }
    }

    /// What files hold, all in one go.
    fn texts(&self, entries: &[&Entry<'_>]) -> Result<Vec<Vec<u8>>> {
        let mut command = self.command(&["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| not_run(&error))?;
        let mut stdin = child.stdin.take();
        let asked: String = entries.iter().map(|entry| format!("{}\n", entry.object)).collect();
        let done = std::thread::scope(|scope| {
            // Beside the reading: git answers before it was asked everything, and pipes are short.
            scope.spawn(move || stdin.take().map(|mut stdin| stdin.write_all(asked.as_bytes())));
            child.wait_with_output()
        })?;
        let mut rest = done.stdout.as_slice();
        let texts: Option<Vec<_>> = entries.iter().map(|_| next_text(&mut rest)).collect();
        texts.filter(|_| done.status.success()).ok_or_else(|| failed(&done))
    }
}

/// The next of `1f2e… blob 5<newline>hello<newline>`.
fn next_text(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let size: usize = std::str::from_utf8(&rest[..end]).ok()?.rsplit_once(' ')?.1.parse().ok()?;
    let text = rest.get(end + 1..end + 1 + size)?.to_vec();
    *rest = rest.get(end + 2 + size..)?;
    Some(text)
}

/// A path without `.` and `..`; none if it leads out of where it begins.
fn straight(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut straight = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::Normal(part) => straight.push(part),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => straight.pop().then_some(())?,
            Utf8Component::Prefix(_) | Utf8Component::RootDir => return None,
        }
    }
    Some(straight)
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

fn not_run(error: &std::io::Error) -> Failure {
    Failure::usage(format!("models of a commit are read by git, which can't be run: {error}"))
        .help("install git; or name a folder of models, or a snapshot file")
}

fn failed(done: &Output) -> Failure {
    Failure::usage("git can't read the commit").note(words(&done.stderr))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_of_the_repository() {
        assert_eq!(straight("app/./../models".into()).as_deref(), Some(Utf8Path::new("models")));
        assert_eq!(straight("../models".into()), None);
        assert_eq!(straight("/models".into()), None);
    }

    #[test]
    fn answers_are_taken_apart_by_their_lengths() {
        let mut rest = &b"aa blob 2\nx\n\nbb blob 0\n\ncc missing\n"[..];
        assert_eq!(next_text(&mut rest).as_deref(), Some(&b"x\n"[..]));
        assert_eq!(next_text(&mut rest).as_deref(), Some(&b""[..]));
        assert_eq!(next_text(&mut rest), None);
    }
}
