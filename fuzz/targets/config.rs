//! The configuration: any text is read or refused; a mistake shows nothing that stands where passwords do. Then the
//! same text as an address, with variables to be filled in.

#![no_main]
#![expect(dead_code, reason = "the files of the binary are read by themselves")]

use libfuzzer_sys::fuzz_target;
use limbeck_connect::Parameters;

#[path = "../../crates/limbeck/src/config.rs"]
mod config;
#[path = "../../crates/limbeck/src/config_place.rs"]
mod config_place;
#[path = "../../crates/limbeck/src/variables.rs"]
mod variables;

/// What of the binary's failures the configuration needs: it has no library to take them from.
mod exit {
    pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

    #[derive(Clone, Debug, Default)]
    pub(crate) struct Snippet {
        pub(crate) path: String,
        pub(crate) line: usize,
        pub(crate) column: Option<usize>,
        pub(crate) first_line: usize,
        pub(crate) lines: Vec<String>,
    }

    #[derive(Clone, Debug)]
    pub(crate) struct Key {
        pub(crate) path: Vec<String>,
        pub(crate) words: Option<String>,
    }

    #[derive(Clone, Debug)]
    pub(crate) struct Failure {
        pub(crate) said: Vec<String>,
    }

    impl Failure {
        pub(crate) fn usage(message: impl Into<String>) -> Self {
            Failure { said: vec![message.into()] }
        }

        pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
            self.said.push(note.into());
            self
        }

        pub(crate) fn help(self, help: impl Into<String>) -> Self {
            self.note(help)
        }

        pub(crate) fn at(mut self, snippet: Snippet) -> Self {
            self.said.extend(snippet.lines);
            self
        }
    }

    impl From<std::io::Error> for Failure {
        fn from(error: std::io::Error) -> Self {
            Failure::usage(error.to_string())
        }
    }
}

/// A password that no mistake may show.
const SECRET: &str = "hunter2";

fuzz_target!(|text: &str| {
    drop(config::parse("limbeck.toml".into(), text));
    let guarded = format!("[database]\npassword = \"{SECRET}\" {text}");
    if let Err(failure) = config::parse("limbeck.toml".into(), &guarded) {
        assert!(
            text.contains(SECRET) || !failure.said.iter().any(|said| said.contains(SECRET)),
            "{failure:?}"
        );
    }
    let variables = variables::Variables::default();
    for place in [variables::Place::Alone, variables::Place::Url, variables::Place::Conninfo] {
        if let Ok(filled) = variables.fill_at(text, place) {
            drop(Parameters::parse(&filled));
        }
    }
});
