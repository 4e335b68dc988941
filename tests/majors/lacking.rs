//! What a server or scratch is too old for is said, with its line, and nothing is run or written.

use std::sync::Arc;

use libtest_mimic::Trial;

use crate::project::Project;
use crate::server::{Servers, url};
use crate::states::State;

/// What the state of the newest major asks for that 14 doesn't have.
const NEW: [&str; 12] = [
    "column attic.newest.b asks for a virtual generated column",
    "column attic.newest.c asks for a not-null constraint that isn't inherited",
    "column attic.newest.d asks for a not-null constraint that isn't valid",
    "check constraint attic.newest.newest_check asks for a constraint that isn't enforced",
    "foreign key attic.newest.newest_fkey asks for a constraint that isn't enforced",
    "primary key attic.stays.stays_pkey asks for `without overlaps`",
    "foreign key attic.meals.meals_fkey asks for a foreign key over a period",
    "unique constraint attic.newer.newer_a_key asks for `nulls not distinct`",
    "index attic.newer.newer_c_idx asks for `nulls not distinct`",
    "foreign key attic.newer.newer_c_fkey asks for `on delete set` of some columns only",
    "view attic.invoked asks for `security_invoker`",
    "sequence attic.fleeting_numbers asks for an unlogged sequence",
];

/// They need the oldest and the newest major.
pub(crate) fn trials(servers: &Arc<Servers>) -> Vec<Trial> {
    let majors = servers.majors();
    let missing = ![14, 18].iter().all(|major| majors.contains(major));
    let trial = |name: &str, run: fn(&Servers) -> Result<(), String>| {
        let servers = Arc::clone(servers);
        Trial::test(name, move || run(&servers).map_err(Into::into)).with_ignored_flag(missing)
    };
    vec![
        trial("what the server is too old for is said with its line", server_too_old),
        trial("what scratch is too old for is said", scratch_too_old),
    ]
}

fn server_too_old(servers: &Servers) -> Result<(), String> {
    let newest = servers.database(18, &State::rich(18).scripts)?;
    let oldest = servers.database(14, &[])?;
    let project = Project::new()?;
    project.must(&["init"], &url(&newest))?;
    project.must(&["pull"], &url(&newest))?;
    for command in [&["check"][..], &["revision", "--autogenerate", "-m", "new"]] {
        let said = project.limbeck(command, &url(&oldest), &[])?;
        expect(said.code == Some(3), "exit code 3", &said.text)?;
        for what in NEW {
            expect(
                said.text.contains(&format!("{what}, which PostgreSQL 14 does not have")),
                what,
                &said.text,
            )?;
        }
        expect(said.text.contains("virtual: true"), "the line of the key", &said.text)?;
        let places = said.text.matches("--> models/attic/").count();
        expect(places == said.text.matches("does not have").count(), "a place for each", &said.text)?;
    }
    expect(project.revision()?.is_none(), "no revision", "one was written")?;
    servers.drop(newest);
    servers.drop(oldest);
    Ok(())
}

fn scratch_too_old(servers: &Servers) -> Result<(), String> {
    let newest = servers.database(18, &State::rich(18).scripts)?;
    let project = Project::new()?;
    project.must(&["init"], &url(&newest))?;
    project.must(&["pull"], &url(&newest))?;
    servers.run(&newest, "alter table attic.newest add column more integer")?;
    let old = servers.bin(14);
    let variables = [("LIMBECK_PG_BIN", old.as_str())];
    let said = project.limbeck(&["check"], &url(&newest), &variables)?;
    expect(said.code == Some(4), "exit code 4", &said.text)?;
    expect(said.text.contains("what is compared needs 18"), "what scratch lacks", &said.text)?;
    project.must_with(&["revision", "--autogenerate", "-m", "more"], &url(&newest), &variables)?;
    let revision = project.revision()?.unwrap_or_default();
    expect(revision.contains("drop column more"), "the candidate", &revision)?;
    expect(revision.contains("-- proof: not proven"), "that it is not proven", &revision)?;
    servers.drop(newest);
    Ok(())
}

fn expect(holds: bool, what: &str, text: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("expected {what}:\n{text}")) }
}
