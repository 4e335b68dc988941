//! What every command is given: the global options, and the configuration once it is asked for.

use std::cell::OnceCell;

use camino::Utf8PathBuf;

use crate::cli::Globals;
use crate::config::{self, Config};
use crate::connect::Wanted;
use crate::exit::{Failure, Result};
use crate::variables::Variables;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// A command's surroundings.
#[derive(Debug)]
pub(crate) struct Ctx {
    /// The global options.
    pub(crate) globals: Globals,
    config: OnceCell<Config>,
    variables: OnceCell<Variables>,
    /// The database that is meant, once it was looked for: found once, so that a tunnel is opened once.
    pub(crate) database: OnceCell<Wanted>,
}

impl Ctx {
    /// Surroundings with nothing read yet.
    pub(crate) fn new(globals: Globals) -> Self {
        Ctx { globals, config: OnceCell::new(), variables: OnceCell::new(), database: OnceCell::new() }
    }

    /// The configuration.
    ///
    /// # Errors
    /// If there is none, or it is wrong.
    pub(crate) fn config(&self) -> Result<&Config> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let path = match self.named_config() {
            Some(path) => path,
            None => config::nearest(&here()?).ok_or_else(|| {
                Failure::usage("no limbeck.toml here or in any folder above")
                    .help("`limbeck init` writes one; `-c FILE` names one that is elsewhere")
            })?,
        };
        let config = config::read(&path)?;
        Ok(self.config.get_or_init(|| config))
    }

    /// A failure with the places of what it is about in the configuration.
    pub(crate) fn placed(&self, mut failure: Failure) -> Failure {
        for report in failure.reports.iter_mut().filter(|report| report.snippet.is_none()) {
            let key = report.key.as_ref();
            report.snippet = key.and_then(|key| self.config().ok()?.place_of(key));
        }
        failure
    }

    /// The configuration that an option or the environment names.
    fn named_config(&self) -> Option<Utf8PathBuf> {
        let variable = || std::env::var("LIMBECK_CONFIG").ok().filter(|path| !path.is_empty());
        self.globals.config.clone().or_else(|| variable().map(Utf8PathBuf::from))
    }

    /// Whether there is a configuration at all.
    pub(crate) fn has_config(&self) -> bool {
        self.named_config().is_some() || here().is_ok_and(|here| config::nearest(&here).is_some())
    }

    /// The environment, and `.env` beside the configuration (or here, where there is none).
    pub(crate) fn variables(&self) -> &Variables {
        self.variables.get_or_init(|| {
            let folder = self.config().map(|config| config.root.clone()).or_else(|_| here());
            folder.map(|folder| Variables::load(&folder)).unwrap_or_default()
        })
    }

    /// The format, for commands that know `human` and `json`.
    ///
    /// # Errors
    /// If it is another.
    pub(crate) fn format(&self) -> Result<Format> {
        match self.globals.format.as_str() {
            "human" => Ok(Format::Human),
            "json" => Ok(Format::Json),
            other => {
                Err(Failure::usage(format!("this command has no format {other:?}"))
                    .help("it has human and json"))
            }
        }
    }

    /// Whether to print what is going on.
    pub(crate) fn chatty(&self) -> bool {
        !self.globals.quiet
    }
}

/// The working folder.
///
/// # Errors
/// If it is gone, or its name isn't UTF-8.
pub(crate) fn here() -> Result<Utf8PathBuf> {
    let here = std::env::current_dir()?;
    Utf8PathBuf::from_path_buf(here)
        .map_err(|path| Failure::usage(format!("the folder's name is not UTF-8: {}", path.display())))
}
