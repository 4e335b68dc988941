//! `limbeck merge`.

use limbeck_migrate::graph::Point;
use limbeck_migrate::{Header, RevisionId};

use crate::context::Ctx;
use crate::exit::{Answer, Failure, Result};
use crate::migrations::{self, Draft};

/// Write a revision that joins several heads
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What is joined; all heads where nothing is said
    #[arg(value_name = "REV")]
    revs: Vec<String>,
    /// What it is about
    #[arg(short, long, value_name = "MSG", default_value = "merge")]
    message: String,
    /// A name for the line that begins here
    #[arg(long, value_name = "LABEL")]
    branch_label: Vec<String>,
    /// Its id, if it shall not be a random one
    #[arg(long, value_name = "ID")]
    rev_id: Option<String>,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let graph = migrations::graph(ctx)?;
    let words = if args.revs.is_empty() { vec!["heads".to_owned()] } else { args.revs };
    let mut parents: Vec<RevisionId> = Vec::new();
    for word in &words {
        if let Point::At(ids) = graph.resolve(word, &[]).map_err(limbeck_migrate::Error::from)? {
            parents.extend(ids);
        }
    }
    parents.sort();
    parents.dedup();
    if parents.len() < 2 {
        return Err(Failure::usage("there is nothing to join: that is one head").help("`limbeck heads` lists them"));
    }
    let mut header = Header::new(super::revision::new_id(&graph, args.rev_id.as_deref())?, args.message);
    header.parents = parents;
    header.labels = args.branch_label;
    let draft = Draft::new(ctx, header, super::revision::folder(ctx, None)?)?;
    super::revision::written(ctx, &draft.header, &draft.write(&[], &[])?)
}
