//! A server of the project's own, and the addresses of its databases.

use limbeck_scratch::provider::{Choice, Database, Places, Scratch, Wanted, open};

pub(crate) async fn server() -> Scratch {
    let places = Places::from_env();
    let choice = Choice::Native { bin: places.bin.clone() };
    open(&Wanted { places, choice, ..Wanted::default() }).await.unwrap()
}

/// A database as a person names it to the binary.
pub(crate) fn url(database: &Database) -> String {
    let socket = database.options().get_socket().cloned().unwrap_or_default();
    format!("postgres://postgres@localhost/{}?host={}&sslmode=disable", database.name(), socket.display())
}

/// A server that no other test uses, in the project's folder: the roles that others make on the one that is shared
/// change the fingerprint of every database there.
pub(crate) async fn server_alone(project: &crate::project::Project) -> Scratch {
    let places = Places { cache: Some(project.path().join("server")), ..Places::from_env() };
    let choice = Choice::Native { bin: places.bin.clone() };
    open(&Wanted { places, choice, ..Wanted::default() }).await.unwrap()
}
