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
