//! The reader of Alembic's scripts: any text is taken over or left to a person, and what is written is a revision.

#![no_main]

use std::sync::OnceLock;

use camino::Utf8PathBuf;
use libfuzzer_sys::fuzz_target;
use limbeck_alembic::{Environment, import};
use limbeck_migrate::file::parse;

/// A folder of this process.
fn folder() -> &'static Utf8PathBuf {
    static FOLDER: OnceLock<Utf8PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("limbeck-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Utf8PathBuf::from_path_buf(path).expect("a path in UTF-8")
    })
}

fuzz_target!(|text: &str| {
    let folder = folder();
    std::fs::write(folder.join("a.py"), text).expect("a file");
    let environment = Environment {
        root: folder.clone(),
        script_location: folder.clone(),
        version_locations: vec![folder.clone()],
        version_table: "alembic_version".to_owned(),
        ..Environment::default()
    };
    let Ok(taken) = import(&environment, "migrations", &[]) else { return };
    for revision in &taken.revisions {
        if let Err(mistakes) = parse(&revision.path, &revision.text) {
            panic!("{mistakes:?}\n{}", revision.text);
        }
    }
});
