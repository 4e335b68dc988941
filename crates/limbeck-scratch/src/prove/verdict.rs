//! What a proof says, in words.

use std::collections::{BTreeMap, BTreeSet};

use limbeck_catalog::ObjectId;

/// How one direction went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// It was not tried: the one before it failed.
    #[default]
    NotTried,
    /// It ran, and reached what it was to reach.
    Ran,
    /// The server refused a statement, with these words.
    Fails(String),
    /// It ran, and these objects are not as they were to be.
    Misses(Vec<ObjectId>),
}

/// What was proven.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// Where: `native 15.18`.
    pub provider: String,
    /// Whether the upgrade reaches the models.
    pub upgrade: Stage,
    /// Whether the downgrade restores what was there.
    pub downgrade: Stage,
    /// How many rows were there.
    pub seeded: usize,
    /// Tables for which no rows could be made up, and why.
    pub unseeded: BTreeMap<ObjectId, String>,
    /// With made-up rows it stops, as it says it may; the rest was proven on empty tables.
    pub stops_on_rows: Option<String>,
    /// Rows and values that are lost although nothing says so.
    pub lost: Vec<String>,
    /// Tables that were written anew, as observed.
    pub rewritten: BTreeSet<ObjectId>,
    /// What could not be proven, each with its reason.
    pub unproven: Vec<String>,
}

impl Proof {
    /// Whether both directions hold.
    pub fn holds(&self) -> bool {
        self.upgrade == Stage::Ran && self.downgrade == Stage::Ran && self.lost.is_empty()
    }

    /// With what words a direction stops, if one does.
    pub(super) fn stops(&self) -> Option<&str> {
        match (&self.upgrade, &self.downgrade) {
            (Stage::Fails(why), _) | (_, Stage::Fails(why)) => Some(why),
            (
                Stage::NotTried | Stage::Ran | Stage::Misses(_),
                Stage::NotTried | Stage::Ran | Stage::Misses(_),
            ) => None,
        }
    }

    /// For the header of a revision: the verdict first, then a line for each thing worth knowing.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.verdict()];
        lines.extend(self.stops_on_rows.iter().map(|why| {
            format!("on empty tables: with made-up rows it stops, as the hazards say ({})", line(why))
        }));
        if !self.rewritten.is_empty() {
            let tables: Vec<_> = self.rewritten.iter().map(ObjectId::qualified).collect();
            lines.push(format!("written anew: {}", some(&tables)));
        }
        if !self.unseeded.is_empty() {
            let tables: Vec<_> =
                self.unseeded.iter().map(|(id, why)| format!("{} ({})", id.qualified(), line(why))).collect();
            lines.push(format!("not proven with rows: {}", some(&tables)));
        }
        lines.extend(self.unproven.iter().map(|why| format!("not proven: {}", line(why))));
        lines
    }

    /// One line: whether both directions hold, and where that was tried.
    pub fn verdict(&self) -> String {
        let mut parts = vec![match &self.upgrade {
            Stage::NotTried => "upgrade not tried".to_owned(),
            Stage::Ran => "upgrade reaches the models".to_owned(),
            Stage::Fails(message) => format!("upgrade stops: {}", line(message)),
            Stage::Misses(ids) => format!("upgrade does not reach {}", list(ids)),
        }];
        if self.upgrade == Stage::Ran && self.seeded > 0 && self.lost.is_empty() {
            parts.push("rows kept".to_owned());
        }
        parts.extend(self.lost.iter().map(|what| line(what)));
        match &self.downgrade {
            Stage::NotTried => {}
            Stage::Ran => parts.push("downgrade restores".to_owned()),
            Stage::Fails(message) => parts.push(format!("downgrade stops: {}", line(message))),
            Stage::Misses(ids) => parts.push(format!("downgrade does not restore {}", list(ids))),
        }
        let failed = if self.holds() { "" } else { "FAILED: " };
        format!("{failed}{} ({})", parts.join(", "), self.provider)
    }
}

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn list(ids: &[ObjectId]) -> String {
    some(&ids.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// The first few of a list, and how many more there are.
fn some(items: &[String]) -> String {
    let shown = items.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    if items.len() > 5 { format!("{shown} and {} more", items.len() - 5) } else { shown }
}
