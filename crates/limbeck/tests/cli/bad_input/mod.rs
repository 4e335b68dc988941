//! Bad input, item by item: each gives one clear error with its place and its exit code, and changes nothing.
//! `docs/bad-input.md` lists the items with their tests, and `table.rs` looks whether those are there.

mod changing;
mod config;
mod models;
mod names;
mod revisions;
mod secrets;
mod table;
#[cfg(unix)]
mod writing;

use std::collections::BTreeMap;
use std::path::Path;

use limbeck_scratch::provider::Database;

use crate::project::{Project, Ran};
use crate::server::url;

/// Every file below a folder with what is in it; what a run may keep for itself (`.limbeck`) is left out.
pub(super) fn files(project: &Project) -> BTreeMap<String, Vec<u8>> {
    fn below(folder: &Path, root: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() && entry.file_name() != ".limbeck" {
                below(&path, root, found);
            } else if kind.is_file() {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    below(project.path(), project.path(), &mut found);
    found
}

/// Runs what must be refused: with this code, these words, and no file changed.
#[track_caller]
fn refused(project: &Project, database: &Database, args: &[&str], code: i32, words: &[&str]) -> Ran {
    let before = files(project);
    let ran = project.run_on(&url(database), args);
    assert_eq!(ran.code, code, "{args:?}: {}{}", ran.out, ran.err);
    for words in words {
        assert!(ran.err.contains(words), "{words:?} is not in\n{}", ran.err);
    }
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    assert!(files(project) == before, "files changed: {args:?}");
    ran
}

/// One value out of a database, as text.
pub(crate) async fn ask(database: &Database, query: &str) -> String {
    let mut session = database.connect().await.unwrap();
    let query = sqlx::AssertSqlSafe(format!("select ({query})::text"));
    let row = sqlx::raw_sql(query).fetch_one(&mut session).await.unwrap();
    sqlx::Row::try_get::<Option<String>, _>(&row, 0).unwrap().unwrap_or_default()
}

/// How many relations and rows of history there are, of the tool's own too.
async fn traces(database: &Database) -> String {
    ask(database, "select count(*) from pg_class where relnamespace = 'public'::regnamespace").await
}
