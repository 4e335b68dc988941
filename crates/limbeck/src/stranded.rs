//! Revisions that are applied and that no file here has: what is said of them, and how to get back.

use std::process::{Command, Stdio};

use limbeck_migrate::{Kept, RevisionId, Stranded, Undo, Unresolved};

use crate::connect::{self, Wanted};
use crate::context::{Ctx, Format};
use crate::exit::{Answer, Code, Failure, Result};
use crate::output::{self, ID, printable, styled};
use crate::{commands::listing, migrations};

/// That a command can't go on, because the database is elsewhere.
pub(crate) fn failure(message: String, stranded: &[Stranded]) -> Failure {
    let failure = stranded.iter().map(known).fold(Failure::new(Code::Content, message), Failure::note);
    let failure = stranded.iter().filter_map(lost).fold(failure, Failure::note);
    ways_back(stranded).into_iter().fold(failure, Failure::help)
}

/// The same, for a command that goes on.
pub(crate) fn warn(stranded: &[Stranded]) {
    if stranded.is_empty() {
        return;
    }
    for one in stranded {
        output::warn(format!("applied, and in no file here: {}", known(one)));
    }
    stranded.iter().filter_map(lost).for_each(|words| output::say(format!("  {}", printable(&words))));
    ways_back(stranded).iter().for_each(|words| output::say(format!("  {}", printable(words))));
}

/// What the database knows of one.
fn known(one: &Stranded) -> String {
    let row = &one.row;
    format!(
        "{} {} (applied {} by {} with {})",
        row.revision, row.message, row.applied_at, row.applied_by, row.tool_version
    )
}

/// Why one can't be undone.
fn lost(one: &Stranded) -> Option<String> {
    let id = &one.row.revision;
    match one.undo {
        Undo::Unknown | Undo::Kept(_) => None,
        Undo::NotKept => Some(format!(
            "the database keeps no downgrade of {id}: `keep_downgrades` was off when it was applied, or its \
             history is gone"
        )),
        Undo::Altered => Some(format!(
            "the downgrade of {id} that the database keeps was changed since (its checksum is another): it is \
             not run"
        )),
    }
}

fn ways_back(stranded: &[Stranded]) -> Vec<String> {
    let mut ways = vec![match stranded.last().and_then(|one| branch(&one.row.revision)) {
        Some(branch) => format!("git has the files on {branch}: switch to it, or merge it"),
        None => "another branch or a newer checkout has the files: switch to it, or merge it".to_owned(),
    }];
    let kept = |one: &&Stranded| matches!(one.undo, Undo::Kept(_));
    // Newest first, as they would run.
    let ids: Vec<&str> = stranded.iter().rev().filter(kept).map(|one| one.row.revision.as_str()).collect();
    if let Some(first) = ids.first() {
        ways.push(format!(
            "or undo what the database kept: `limbeck show {first}` shows how, `limbeck downgrade --stranded {}` \
             does it",
            ids.join(",")
        ));
    }
    ways.push(
        "if the files are gone for good: `limbeck stamp --purge REV` records where the database stands"
            .into(),
    );
    ways
}

/// The branch on which git knows a revision's file, if there is a git and it does.
fn branch(id: &RevisionId) -> Option<String> {
    let added = format!("-S-- limbeck:revision {id}");
    let found =
        git(&["log", "--all", "--diff-filter=A", "-1", "--format=%H", &added, "--", ":(top,glob)**/*.sql"])?;
    let contains = format!("--contains={found}");
    let branches =
        git(&["for-each-ref", "--format=%(refname:short)", &contains, "refs/heads", "refs/remotes"])?;
    branches.lines().next().map(str::to_owned)
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// `limbeck show` of a revision that no file has: what the database kept of it.
///
/// # Errors
/// The one that made somebody look here, if there is nothing.
pub(crate) async fn show(ctx: &Ctx, word: &str, unresolved: Unresolved) -> Result<Answer> {
    let failure = || Failure::from(limbeck_migrate::Error::from(unresolved.clone()));
    let kept = match kept(ctx, word).await {
        Ok(kept) => kept,
        // Files alone were asked about; that there is no database besides is no reason to fail otherwise.
        Err(_) => return Err(failure()),
    };
    let exact = kept.iter().find(|one| one.revision.as_str() == word);
    match (exact, &kept[..]) {
        (Some(one), _) | (None, [one]) => shown(ctx, one),
        (None, []) => Err(failure()),
        (None, several) => Err(several.iter().fold(
            Failure::usage(format!("{word:?} is ambiguous among the revisions that the database remembers")),
            |failure, one| failure.note(one.revision.to_string()),
        )),
    }
}

async fn kept(ctx: &Ctx, word: &str) -> Result<Vec<Kept>> {
    if !matches!(connect::wanted(ctx)?, Wanted::Server(..)) || word.is_empty() {
        return Ok(Vec::new());
    }
    let mut conn = connect::open(ctx).await?;
    Ok(migrations::settings(ctx)?.table.kept(&mut conn, word).await?)
}

fn shown(ctx: &Ctx, kept: &Kept) -> Result<Answer> {
    match ctx.format()? {
        Format::Human => {
            output::say(format!(
                "{} is in no file here; this is its downgrade as the database kept it, from {} by {} with {}",
                styled(ID, &kept.revision),
                kept.done_at,
                printable(&kept.done_by),
                printable(&kept.tool_version)
            ));
            output::data(printable(kept.text.trim_end()));
        }
        Format::Json => output::json(serde_json::json!({ "kept": listing::kept_value(kept) })),
    }
    Ok(Answer::Yes)
}
