//! What is asked for and a server is too old for: said with its line, before any SQL is run on it.

use limbeck_catalog::{Catalog, ObjectId, Since};
use limbeck_model::Declared;
use limbeck_scratch::provider::Scratch;

use crate::comparing;
use crate::exit::{Code, Failure, Report, Result};

/// Refuses what the server can't do that it is wanted on.
pub(crate) fn refuse(declared: &Declared, wanted: &Catalog, server: u32) -> Result<()> {
    let asked = beyond(wanted, server).filter(|(_, since)| !since.is_forgotten);
    let reports: Vec<_> = asked.map(|(by, since)| report(declared, by, since, server)).collect();
    if reports.is_empty() { Ok(()) } else { Err(Failure { code: Code::Content, reports }) }
}

/// Why neither side may be built on a scratch server, which is older than the one that is compared.
pub(crate) fn on_scratch(scratch: &Scratch, live: &Catalog, wanted: &Catalog) -> Option<Failure> {
    let version = scratch.version();
    // What scratch forgets does no harm where the server forgets it too, or nothing about it changes.
    let differs = |id: &ObjectId| live.get(id) != wanted.get(id);
    let matters =
        |id: &ObjectId, since: Since| !since.is_beyond(live.server) && (!since.is_forgotten || differs(id));
    let asked = beyond(wanted, version).chain(beyond(live, version));
    let asked: Vec<_> = asked.filter(|(id, since)| matters(id, *since)).collect();
    let newest = asked.iter().map(|(_, since)| since.major).max()?;
    let message = format!("scratch is {}, and what is compared needs {newest}", scratch.describe());
    let mut lines: Vec<_> = asked.iter().map(|(by, since)| format!("{by}: {}", since.what)).collect();
    lines.sort();
    lines.dedup();
    let failure = lines.into_iter().fold(Failure::new(Code::Database, message), Failure::note);
    Some(
        failure
            .help(format!("install server binaries of PostgreSQL {newest}: they are found by themselves"))
            .help(comparing::ON_THE_SERVER),
    )
}

fn beyond(catalog: &Catalog, server: u32) -> impl Iterator<Item = (&ObjectId, Since)> {
    let asks =
        catalog.objects.iter().flat_map(|(id, object)| object.asks().into_iter().map(move |s| (id, s)));
    asks.filter(move |(_, since)| since.is_beyond(server))
}

fn report(declared: &Declared, by: &ObjectId, since: Since, server: u32) -> Report {
    let asked = declared.asks.iter().find(|asked| asked.by == *by && asked.since == since);
    let place = asked.and_then(|asked| limbeck_model::diagnostic::place(&declared.files, asked.span));
    Report {
        key: None,
        message: format!("{by} asks for {}, which PostgreSQL {} does not have", since.what, server / 10_000),
        snippet: place.map(|place| comparing::snippet(declared, &place)),
        notes: vec![format!("servers have it from {} on", since.major)],
        help: vec!["take it out of the models, or upgrade the server first".to_owned()],
    }
}
