//! What `cargo xtask test` was asked for.

use anyhow::{Context as _, Result, bail};

/// `[--majors 15,17] [--all] [--only fixtures]`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    /// These majors, with every suite on each.
    pub(super) majors: Option<Vec<u16>>,
    /// Every suite on every major, and not on the oldest and the newest alone.
    pub(super) all: bool,
    /// The suites whose names hold this.
    pub(super) only: Option<String>,
}

impl Arguments {
    /// Reads them.
    pub(super) fn read(words: &[String]) -> Result<Self> {
        let mut read = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} wants a value"));
            match word.as_str() {
                "--all" => read.all = true,
                "--only" => read.only = Some(value()?.clone()),
                "--majors" => {
                    let parsed: Result<Vec<u16>, _> = value()?.split(',').map(str::parse).collect();
                    read.majors = Some(parsed.context("--majors takes numbers, such as 15,17")?);
                }
                _ => bail!("cargo xtask test [--majors 15,17] [--all] [--only fixtures], or --embedded"),
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Arguments> {
        Arguments::read(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn majors_are_read() {
        assert_eq!(read(&[]).expect("none"), Arguments::default());
        assert_eq!(read(&["--majors", "15,17"]).expect("two").majors, Some(vec![15, 17]));
        assert!(read(&["--majors", "new"]).is_err());
        assert!(read(&["--majors"]).is_err());
    }

    #[test]
    fn suites_are_chosen() {
        let read = read(&["--all", "--only", "fixtures"]).expect("both");
        assert!(read.all && read.only.as_deref() == Some("fixtures"));
    }
}
