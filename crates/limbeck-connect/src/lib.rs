//! Connections to a Postgres, named as libpq names them: URLs, `key=value` strings, services, password files
//! and `PG…` variables, to several hosts, over TLS or a Unix socket. What `psql` can reach this reaches.
//!
//! sqlx has a parser of its own, which ignores what it doesn't know, takes `sslmode=allow` for plaintext and
//! `require` with a root certificate for no verification. So nothing here goes through it: a text becomes
//! [`Parameters`], these, with a service, the environment and libpq's defaults, become a [`Target`], and the
//! target sets every option of sqlx one by one and tries host after host.
//!
//! What sqlx and rustls can't do is an [`Error::Unsupported`] that names the parameter, never silence.
//!
//! ```no_run
//! # async fn connect() -> Result<(), limbeck_connect::Error> {
//! let target = limbeck_connect::Target::parse("host=a,b dbname=shop target_session_attrs=read-write")?;
//! let connection = target.connect().await?;
//! # Ok(()) }
//! ```

mod attempt;
mod conninfo;
mod error;
mod host;
mod keyword;
mod parameters;
mod passfile;
mod service;
mod session;
mod settings;
mod startup;
mod surroundings;
mod target;
mod tls;
mod url;

pub use attempt::Reached;
pub use error::{Error, Failed, Why};
pub use keyword::Keyword;
pub use parameters::Parameters;
pub use surroundings::Surroundings;
pub use target::Target;
