//! What a shell offers where a revision is named: ids with their messages, labels, tags, from the files.

use std::ffi::OsStr;

use clap::Parser;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};
use limbeck_migrate::{Graph, Revision};

use crate::cli::Cli;
use crate::context::Ctx;
use crate::migrations;

/// The words that name places in every project.
const WORDS: [(&str, &str); 4] = [
    ("head", "the newest revision"),
    ("heads", "the newest revision of each line"),
    ("base", "before the first revision"),
    ("current", "what is applied in the database"),
];

/// Completes a revision, or one side of a range.
pub(crate) fn revisions() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| current.to_str().map(named).unwrap_or_default())
}

/// Completes a tag that is there.
pub(crate) fn tags() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let graph = migrations::graph(&surroundings()).unwrap_or_default();
        let named = |revision: &Revision| {
            let about = format!("tag on {}", revision.id());
            let named = |tag| CompletionCandidate::new(tag).help(Some(about.clone().into()));
            revision.header.tags.iter().map(named).collect::<Vec<_>>()
        };
        graph.revisions().iter().rev().flat_map(named).collect()
    })
}

/// Completes the name of an `[env.NAME]`.
pub(crate) fn environments() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let ctx = surroundings();
        let names = ctx.config().map(|config| config.env.keys().cloned().collect::<Vec<_>>());
        names.unwrap_or_default().into_iter().map(CompletionCandidate::new).collect()
    })
}

fn named(current: &str) -> Vec<CompletionCandidate> {
    let (before, word) = current.rfind(':').map_or(("", current), |colon| current.split_at(colon + 1));
    // A mistake in a file is no matter for whoever presses a key; the command will say it.
    let graph = migrations::graph(&surroundings()).unwrap_or_default();
    let offered = names(&graph).into_iter().filter(|(name, _)| name.starts_with(word));
    offered
        .map(|(name, about)| {
            let about = (!about.is_empty()).then(|| about.into());
            CompletionCandidate::new(format!("{before}{name}")).help(about)
        })
        .collect()
}

/// Everything that can be named, newest first, with a word about it.
fn names(graph: &Graph) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> =
        WORDS.iter().map(|(word, about)| ((*word).to_owned(), (*about).to_owned())).collect();
    for revision in graph.revisions().iter().rev() {
        let (id, header) = (revision.id(), &revision.header);
        let tags = header.tags.iter().map(|tag| (tag.clone(), format!("tag on {id}")));
        let labels = header.labels.iter().flat_map(|label| {
            [
                (format!("{label}@head"), format!("the newest of {label}")),
                (label.clone(), format!("label of {id}")),
            ]
        });
        names.extend(tags.chain(labels));
        names.push((id.to_string(), limbeck_sql::one_line(&header.message)));
    }
    names
}

/// The project that is meant: the configuration that is named on the line to be completed, else the nearest.
fn surroundings() -> Ctx {
    let mut words = std::env::args().skip_while(|word| word != "--").skip(1);
    let mut line = vec!["limbeck".to_owned()];
    while let Some(word) = words.next() {
        if word == "-c" || word == "--config" {
            line.extend([word].into_iter().chain(words.next()));
        } else if word.starts_with("--config=") {
            line.push(word);
        }
    }
    line.push("heads".to_owned());
    let parsed = Cli::try_parse_from(line).unwrap_or_else(|_| Cli::parse_from(["limbeck", "heads"]));
    Ctx::new(parsed.globals)
}
