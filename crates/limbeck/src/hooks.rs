//! `[[migrations.hooks]]`: commands that are given each revision that was written, a formatter for instance.
//! Not after `rebase` and `tag`, which leave the SQL byte for byte as it was applied somewhere.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

use crate::config::Hook;
use crate::context::{Ctx, here};
use crate::exit::{Code, Failure, Result};
use crate::{output, words};

/// What stands for the file in a hook's command: ours, and Alembic's.
const FILE: [&str; 2] = ["{file}", "REVISION_SCRIPT_FILENAME"];

/// Runs all hooks on a file, and looks whether it is a revision still. The file stays, whatever they do.
///
/// # Errors
/// If a hook can't be started (usage), ends with a failure, or left something that is no revision (content).
pub(crate) fn run(ctx: &Ctx, file: &Utf8Path) -> Result<()> {
    let config = ctx.config()?;
    for hook in &config.migrations.hooks {
        let folder = config.root.join(hook.cwd.as_deref().unwrap_or(Utf8Path::new("")));
        run_one(ctx, hook, &here()?.join(folder), file)?;
    }
    if config.migrations.hooks.is_empty() {
        return Ok(());
    }
    let text = fs_err::read_to_string(file)?;
    let read = limbeck_migrate::file::parse(file, &text);
    read.map(drop).map_err(|mistakes| {
        Failure::from(limbeck_migrate::Error::Mistakes { mistakes })
            .note(format!("{file} was written, and a hook of [[migrations.hooks]] changed it to this"))
    })
}

fn run_one(ctx: &Ctx, hook: &Hook, folder: &Utf8PathBuf, file: &Utf8Path) -> Result<()> {
    let name = hook.name.as_deref().unwrap_or(&hook.command);
    let failed = |code, why: String| {
        Failure::new(code, format!("the hook {name:?} {why}"))
            .note(format!("{file} is written, and stays"))
            .help(format!(
                "{} has it under [[migrations.hooks]]",
                ctx.config().map(|c| c.path.as_str()).unwrap_or_default()
            ))
    };
    let words = command_line(&hook.command, &here()?.join(file))
        .map_err(|why| failed(Code::Usage, format!("can't be read: {why}")))?;
    let (program, arguments) =
        words.split_first().ok_or_else(|| failed(Code::Usage, "has no command".into()))?;
    if ctx.chatty() {
        output::say(format!("running {}", output::printable(name)));
    }
    // Data is on stdout alone, and what a hook says is none.
    let status = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .map_err(|error| failed(Code::Usage, format!("can't be started: {error}")))?;
    if status.success() { Ok(()) } else { Err(failed(Code::Content, format!("failed with {status}"))) }
}

/// The command's words with the file in its place; last, where it has none.
fn command_line(command: &str, file: &Utf8Path) -> Result<Vec<String>, &'static str> {
    let words = words::split(command)?;
    let placed = words.iter().any(|word| FILE.iter().any(|token| word.contains(token)));
    let fill =
        |word: &String| FILE.iter().fold(word.clone(), |word, token| word.replace(token, file.as_str()));
    let mut words: Vec<String> = words.iter().map(fill).collect();
    if !placed && !words.is_empty() {
        words.push(file.to_string());
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_stands_where_it_is_named_or_last() {
        let line = |command| command_line(command, Utf8Path::new("/a b.sql")).unwrap();
        assert_eq!(line("fmt -i"), ["fmt", "-i", "/a b.sql"]);
        assert_eq!(line("fmt {file} -l 79"), ["fmt", "/a b.sql", "-l", "79"]);
        assert_eq!(line("fmt --on=REVISION_SCRIPT_FILENAME"), ["fmt", "--on=/a b.sql"]);
    }
}
