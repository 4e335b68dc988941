//! The suites: cargo builds the test binaries and says where they are; here stands which servers each is for.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::arguments::Arguments;
use super::{cargo, root};

/// On how many servers a suite runs; in the order in which they are begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// What Postgres does is what it is about.
    EveryMajor,
    /// It needs a server, and what it is about hardly depends on which: the oldest and the newest.
    Ends,
    /// It needs none.
    Once,
}

/// Suites that aren't for the oldest and the newest major, as all other integration tests are.
const REACHES: &[(&str, Reach)] = &[
    ("limbeck::fixtures", Reach::EveryMajor),
    // It finds its servers itself.
    ("limbeck::majors", Reach::Once),
    ("limbeck::tidy", Reach::Once),
    ("limbeck-alembic::forms", Reach::Once),
    ("limbeck-catalog::hazards_doc", Reach::Once),
    ("limbeck-catalog::kinds_doc", Reach::Once),
    ("limbeck-diff::diff", Reach::Once),
    ("limbeck-migrate::alone", Reach::Once),
    ("limbeck-model::mistakes", Reach::Once),
    ("limbeck-model::properties", Reach::Once),
    ("limbeck-model::round_trip", Reach::Once),
    ("limbeck-model::schema", Reach::Once),
    ("limbeck-report::human", Reach::Once),
    ("limbeck-report::schema", Reach::Once),
];

/// One test binary, or the examples in the documentation.
#[derive(Debug, Clone)]
pub(super) struct Suite {
    /// `package::target`.
    pub(super) name: String,
    /// Which servers it runs on.
    pub(super) reach: Reach,
    /// What runs it.
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<&'static str>,
    /// The package's folder, in which cargo runs its tests.
    pub(super) folder: PathBuf,
}

/// Builds all of them.
pub(super) fn build(arguments: &Arguments) -> Result<Vec<Suite>> {
    let built = Command::new(cargo())
        .args(["test", "--workspace", "--no-run", "--message-format=json-render-diagnostics"])
        .current_dir(root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo can't be run")?;
    if !built.status.success() {
        bail!("the tests don't compile");
    }
    let text = String::from_utf8_lossy(&built.stdout);
    let mut suites: Vec<_> =
        text.lines().filter_map(|line| suite(&serde_json::from_str(line).ok()?)).collect();
    if let Some((gone, _)) = REACHES.iter().find(|(name, _)| suites.iter().all(|s| s.name != *name)) {
        bail!("there is no suite {gone}: xtask's list of suites is stale");
    }
    suites.push(documentation());
    if let Some(part) = &arguments.only {
        suites.retain(|suite| suite.name.contains(part));
    }
    if suites.is_empty() {
        bail!("there is no such suite");
    }
    Ok(suites)
}

/// The suite that a line of cargo's speaks of.
fn suite(said: &Value) -> Option<Suite> {
    let program = PathBuf::from(said["executable"].as_str()?);
    if said["profile"]["test"] != true {
        return None;
    }
    let folder = Path::new(said["manifest_path"].as_str()?).parent()?.to_owned();
    let package = folder.file_name()?.to_string_lossy().into_owned();
    let (target, kind) = (said["target"]["name"].as_str()?, said["target"]["kind"][0].as_str()?);
    let is_unit = kind != "test";
    let name = if is_unit { package } else { format!("{package}::{target}") };
    let listed = REACHES.iter().find(|(listed, _)| *listed == name).map(|(_, reach)| *reach);
    let reach = listed.unwrap_or(if is_unit { Reach::Once } else { Reach::Ends });
    Some(Suite { name, reach, program, arguments: Vec::new(), folder })
}

fn documentation() -> Suite {
    Suite {
        name: "documentation".to_owned(),
        reach: Reach::Once,
        program: cargo(),
        arguments: vec!["test", "--workspace", "--doc"],
        folder: root(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(target: &str, kind: &str) -> Option<Suite> {
        suite(&serde_json::json!({
            "executable": "/t/x", "manifest_path": "/w/crates/limbeck/Cargo.toml",
            "profile": {"test": true}, "target": {"name": target, "kind": [kind]},
        }))
    }

    #[test]
    fn a_suite_has_its_reach() {
        assert_eq!(said("fixtures", "test").expect("a suite").reach, Reach::EveryMajor);
        assert_eq!(said("chain", "test").expect("a suite").reach, Reach::Ends);
        assert_eq!(said("limbeck", "bin").expect("a suite").reach, Reach::Once);
    }
}
