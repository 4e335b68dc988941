//! `cargo xtask demo`: the main job on a shop's database, by the real binary, from nothing.
//!
//! Builds the tool, gets a PostgreSQL, makes the shop, and goes the round: pull, edit the models, candidate,
//! upgrade, check, downgrade. At the end the database must be what it was. Where no PostgreSQL can be had, the
//! tool's own does, for the shop and for scratch.

mod edits;
mod project;
mod shop;

use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::{embedded, fetch, say, verify};
use project::Project;
use shop::Shop;

/// The command; `--embedded` asks for the tool's own server. Whether all went well.
pub(crate) fn run(arguments: &[String]) -> Result<bool> {
    let found = match arguments {
        [] => fetch::any().map_err(|why| say::line(format!("no PostgreSQL can be had: {why:#}"))).ok(),
        [flag] if flag == "--embedded" => None,
        _ => bail!("cargo xtask demo [--embedded]"),
    };
    if found.is_none() && !embedded::INSIDE {
        return embedded::again(&["demo", "--embedded"]);
    }
    say::title("building limbeck");
    if found.is_some() { build() } else { embedded::build() }?;
    say::title("a shop's database");
    let shop = Shop::open(found)?;
    let told = tell(&shop);
    let closed = shop.close();
    told.and(closed).map(|()| true)
}

fn build() -> Result<()> {
    let mut cargo = Command::new(verify::cargo());
    cargo.args(["build", "--package", "limbeck"]).current_dir(verify::root());
    let status = cargo.status().context("cargo can't be run")?;
    ensure!(status.success(), "limbeck does not build");
    Ok(())
}

/// The story.
fn tell(shop: &Shop) -> Result<()> {
    let project = Project::new(shop.url(), shop.bin())?;
    say::title("models out of the database");
    project.limbeck(&["init"])?;
    project.limbeck(&["pull"])?;
    project.limbeck(&["check"])?;
    let before = shop.look(&project)?;
    project.show("models/public/orders.yaml")?;

    say::title("what the developer changes in them");
    for edit in edits::all() {
        say::line(edit.words);
        project.edit(&edit)?;
    }

    say::title("the candidate");
    project.limbeck(&["revision", "--autogenerate", "-m", "returns and full names"])?;
    project.show(&project.revision()?)?;

    say::title("there");
    project.limbeck(&["upgrade", "head"])?;
    project.limbeck(&["check"])?;
    let between = shop.look(&project)?;
    ensure!(before.schema != between.schema, "upgrade changed nothing");
    say::line(format!("{} tables, {} rows", between.rows.len(), between.sum()));

    say::title("and back");
    project.limbeck(&["downgrade", "base"])?;
    let after = shop.look(&project)?;
    if let Some(difference) = before.difference(&after) {
        bail!("the database is not as it was:\n{difference}");
    }
    say::line(format!("{}: the schema is what it was", shop.observer()));
    say::line(format!("{} tables hold their {} rows", after.rows.len(), after.sum()));
    let lost = before.changed_values(&after);
    ensure!(
        lost == [edits::DROPPED],
        "the values of these columns are not what they were: {}",
        lost.join(", ")
    );
    say::line(format!(
        "all values are what they were, but those of {}, as the revision said",
        edits::DROPPED
    ));
    say::title("done");
    say::line(format!("models and revision are in {}", project.folder().display()));
    Ok(())
}
