//! Host after host, and on each with TLS and without, until one answers that is wanted.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::ErrorKind;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::error::{Error, Failed, Why, why};
use crate::host::{Host, Way};
use crate::session::Session;
use crate::target::{Secret, Target};

/// A connection, and the options that led to it: more connections by them go to the same server.
#[derive(Debug)]
pub struct Reached {
    /// The connection.
    pub connection: PgConnection,
    /// The way that was taken.
    pub options: PgConnectOptions,
}

/// What to do after a failure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The same host, with TLS or without.
    OtherWay,
    OtherHost,
    /// libpq doesn't go on after a server that refused: the next one would hide a wrong password.
    Stop,
}

impl Target {
    /// Connects to the first host that answers and is wanted.
    ///
    /// # Errors
    /// [`Error::Unreachable`], with every try.
    pub async fn connect(&self) -> Result<PgConnection, Error> {
        self.reach().await.map(|reached| reached.connection)
    }

    /// Connects, and says by which way.
    ///
    /// # Errors
    /// [`Error::Unreachable`], with every try.
    pub async fn reach(&self) -> Result<Reached, Error> {
        let mut failed = Vec::new();
        for session in self.session.passes() {
            for index in self.order() {
                let (host, password) = &self.hosts[index];
                match self.try_host(host, password, *session, &mut failed).await {
                    Ok(reached) => return Ok(reached),
                    Err(Next::Stop) => return Err(Error::Unreachable(failed)),
                    Err(Next::OtherHost | Next::OtherWay) => {}
                }
            }
        }
        Err(Error::Unreachable(failed))
    }

    /// Connects by a way that led to a server before, and to no other.
    ///
    /// # Errors
    /// [`Error::Unreachable`], with the one try.
    pub async fn again(&self, options: &PgConnectOptions) -> Result<PgConnection, Error> {
        let again = try_once(options.clone(), Session::Any, self.timeout, true).await;
        again.map(|reached| reached.connection).map_err(|(why, _)| {
            let socket = options.get_socket().map(|folder| folder.display().to_string());
            let host = socket.unwrap_or_else(|| options.get_host().to_owned());
            let place = format!("{host}:{}", options.get_port());
            Error::Unreachable(vec![Failed { place, user: self.user.clone(), how: None, why }])
        })
    }

    /// The hosts' order: as written, or random for `load_balance_hosts`.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.hosts.len()).collect();
        if self.shuffled {
            // A hasher's keys are random, and nothing here needs more than that.
            let random = || RandomState::new().build_hasher().finish();
            order.sort_by_cached_key(|_| random());
        }
        order
    }

    async fn try_host(
        &self,
        host: &Host,
        password: &Secret,
        session: Session,
        failed: &mut Vec<Failed>,
    ) -> Result<Reached, Next> {
        let tries = match host.way {
            Way::Socket(_) => &self.tls.tries[..1],
            Way::Tcp(_) => &self.tls.tries[..],
        };
        let (mut next, before) = (Next::OtherHost, failed.len());
        for (mode, how) in tries {
            let options = self.driver_options(host, password, *mode);
            let (reason, then) = match try_once(options, session, self.timeout, password.is_there()).await {
                Ok(reached) => return Ok(reached),
                Err(failure) => failure,
            };
            note(failed, Failed { place: host.place(), user: self.user.clone(), how: *how, why: reason });
            next = then;
            if next != Next::OtherWay {
                break;
            }
        }
        // Which way it was is worth a word only where there were two.
        if let [only] = &mut failed[before..] {
            only.how = None;
        }
        // No other way is left: a refusal ends it, as in libpq.
        let refused = matches!(failed.last(), Some(Failed { why: Why::Refused { .. }, .. }));
        Err(if next == Next::OtherWay && refused { Next::Stop } else { next })
    }
}

/// Adds a failure; the same words about TLS and plaintext are said once.
fn note(failed: &mut Vec<Failed>, new: Failed) {
    match failed.last_mut() {
        Some(last) if last.place == new.place && last.why == new.why => last.how = None,
        _ => failed.push(new),
    }
}

async fn try_once(
    options: PgConnectOptions,
    session: Session,
    timeout: Option<Duration>,
    password: bool,
) -> Result<Reached, (Why, Next)> {
    let attempt = async {
        let mut connection = options.connect().await.map_err(|e| (why(&e, password), next(&e)))?;
        match session.against(&mut connection).await {
            Ok(None) => Ok(connection),
            Ok(Some(against)) => {
                // It is let go in any case.
                drop(connection.close().await);
                Err((Why::Session(against), Next::OtherHost))
            }
            Err(error) => Err((why(&error, password), Next::OtherHost)),
        }
    };
    let connection = match timeout {
        None => attempt.await,
        Some(limit) => tokio::time::timeout(limit, attempt)
            .await
            .unwrap_or(Err((Why::Timeout(limit.as_secs()), Next::OtherHost))),
    };
    connection.map(|connection| Reached { connection, options })
}

/// Whether TLS, or none, could make a difference; else whether another host could.
fn next(error: &sqlx::Error) -> Next {
    match error {
        sqlx::Error::Database(said) => match said.code().as_deref() {
            // `pg_hba.conf` may take with TLS what it refuses without.
            Some(code) if code.starts_with("28") => Next::OtherWay,
            // It is starting up, or shutting down.
            Some("57P03") => Next::OtherHost,
            _ => Next::Stop,
        },
        sqlx::Error::Io(io) => match io.kind() {
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
            | ErrorKind::InvalidData => Next::OtherWay,
            _ => Next::OtherHost,
        },
        sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => Next::OtherWay,
        _ => Next::OtherHost,
    }
}
