//! What a proof says, in words.

use std::fmt;

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
    /// What could not be proven, each with its reason.
    pub unproven: Vec<String>,
}

impl Proof {
    /// Whether both directions hold.
    pub fn holds(&self) -> bool {
        self.upgrade == Stage::Ran && self.downgrade == Stage::Ran
    }
}

/// One line, for the header of a revision.
impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.holds() {
            f.write_str("FAILED: ")?;
        }
        match &self.upgrade {
            Stage::NotTried => f.write_str("upgrade not tried")?,
            Stage::Ran => f.write_str("upgrade reaches the models")?,
            Stage::Fails(message) => write!(f, "upgrade stops: {}", line(message))?,
            Stage::Misses(ids) => write!(f, "upgrade does not reach {}", list(ids))?,
        }
        match &self.downgrade {
            Stage::NotTried => {}
            Stage::Ran => f.write_str(", downgrade restores")?,
            Stage::Fails(message) => write!(f, ", downgrade stops: {}", line(message))?,
            Stage::Misses(ids) => write!(f, ", downgrade does not restore {}", list(ids))?,
        }
        for why in &self.unproven {
            write!(f, ", not proven: {}", line(why))?;
        }
        write!(f, " ({})", self.provider)
    }
}

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn list(ids: &[ObjectId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
