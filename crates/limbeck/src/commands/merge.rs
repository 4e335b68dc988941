//! `limbeck merge`.

use std::collections::BTreeSet;

use limbeck_migrate::graph::Point;
use limbeck_migrate::{Graph, Header, RevisionId};

use super::revision;
use crate::completing;
use crate::context::Ctx;
use crate::exit::{Answer, Failure, Result};
use crate::migrations::{self, Draft};
use crate::turn::Turn;

/// Write a revision that joins several heads
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What is joined; all heads where nothing is said
    #[arg(value_name = "REV", default_value = "heads", add = completing::revisions())]
    revs: Vec<String>,
    /// What it is about
    #[arg(short, long, value_name = "MSG", default_value = "merge")]
    message: String,
    /// Let it join revisions that are no heads
    #[arg(long)]
    splice: bool,
    /// A name for the line that begins here
    #[arg(long, value_name = "LABEL")]
    branch_label: Vec<String>,
    /// Its id, if it shall not be a random one
    #[arg(long, value_name = "ID")]
    rev_id: Option<String>,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let turn = Turn::take(ctx).await?;
    let graph = migrations::graph(ctx)?;
    let mut header = Header::new(revision::new_id(&graph, args.rev_id.as_deref())?, args.message);
    header.parents = parents(&graph, &args.revs, args.splice)?;
    header.labels = revision::labels(&graph, args.branch_label)?;
    let folder = revision::folder_after(ctx, &graph, &header.parents)?;
    let mut draft = Draft::new(ctx, turn, header, folder)?;
    let path = draft.write(&[], &[])?;
    revision::written(ctx, &draft.header, &path)
}

/// What is joined: several, of which none is before another.
fn parents(graph: &Graph, words: &[String], splice: bool) -> Result<Vec<RevisionId>> {
    let mut parents: Vec<RevisionId> = Vec::new();
    for word in words {
        if let Point::At(ids) = graph.resolve(word, &[]).map_err(limbeck_migrate::Error::from)? {
            parents.extend(ids);
        }
    }
    // In the order in which they were named, or made: ids are random, and would sort so.
    let mut seen = std::collections::BTreeSet::new();
    parents.retain(|id| seen.insert(id.clone()));
    if parents.len() < 2 {
        return Err(
            Failure::usage("there is nothing to join: that is one head").help("`limbeck heads` lists them")
        );
    }
    for parent in &parents {
        if let Some(after) = parents.iter().find(|other| follows(graph, other, parent)) {
            return Err(Failure::usage(format!("{after} comes after {parent}, so there is nothing to join")));
        }
    }
    revision::refuse_branches(graph, &parents, splice)?;
    Ok(parents)
}

/// Whether a revision comes after another one, by parents.
fn follows(graph: &Graph, revision: &RevisionId, other: &RevisionId) -> bool {
    let mut open = vec![revision];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        let parents = graph.get(id).map(|revision| &revision.header.parents[..]).unwrap_or_default();
        if parents.contains(other) {
            return true;
        }
        open.extend(parents.iter().filter(|parent| seen.insert(*parent)));
    }
    false
}
