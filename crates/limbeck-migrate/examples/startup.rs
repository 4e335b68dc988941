//! An application that brings its database up to date before it serves.
//!
//! ```console
//! $ DATABASE_URL=postgres://localhost/shop cargo run -p limbeck-migrate --example startup
//! ```

use std::error::Error;

use limbeck_migrate::{Embedded, Migrator, embed};

static MIGRATIONS: Embedded = embed!("examples/migrations");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL")?;
    let migrated = Migrator::new(MIGRATIONS).allow_newer().run_at(&url).await?;
    match migrated.ran.len() {
        0 => println!("the database is up to date"),
        ran => println!("applied {ran} revisions"),
    }
    // … and from here on it serves.
    Ok(())
}
