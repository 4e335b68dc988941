//! The answer to the one message: result set after result set, read by position.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use limbeck_catalog::catalog::{Cast, Statistics, Uncompared};
use limbeck_catalog::row::{Address, Row, array};
use limbeck_catalog::{Kind, Object, ObjectId};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Column as _, Either, PgConnection, Row as _, ValueRef as _};

use crate::message::{Answers, Message};
use crate::moment::Moment;
use crate::{Error, Server};

/// Objects as their rows give them, before everything is known that their identities may need.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) named: Vec<Named>,
    pub(crate) attached: Vec<Attached>,
}

/// An object whose row says what it is called.
pub(crate) struct Named {
    pub(crate) id: ObjectId,
    pub(crate) addresses: Vec<Address>,
    pub(crate) position: Option<i32>,
    pub(crate) object: Object,
}

/// An object whose row says what it is attached to.
pub(crate) struct Attached {
    pub(crate) kind: Kind,
    pub(crate) target: Address,
    /// Of its target, where that is no object of its own: a view's column.
    pub(crate) member: Option<String>,
    pub(crate) object: Object,
}

/// A row of `pg_depend`.
pub(crate) struct Depend {
    pub(crate) object: Address,
    pub(crate) needs: Address,
    pub(crate) auto: bool,
    pub(crate) internal: bool,
}

/// Everything that came back.
#[derive(Default)]
pub(crate) struct Answer {
    /// Before and after, of each session.
    pub(crate) moments: Vec<Option<String>>,
    pub(crate) fingerprint: Option<String>,
    pub(crate) server: Server,
    pub(crate) objects: Found,
    pub(crate) depends: Vec<Depend>,
    pub(crate) casts: BTreeMap<(String, String), Cast>,
    pub(crate) sizes: BTreeMap<ObjectId, Statistics>,
    pub(crate) context: Vec<(Uncompared, Address)>,
}

/// The rows that answered one statement, as the server printed them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ResultSet {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

impl ResultSet {
    /// Adds a row.
    pub(crate) fn take(&mut self, columns: &[String], values: Vec<Option<String>>) {
        if self.columns.is_empty() {
            self.columns = columns.to_vec();
        }
        self.rows.push(values);
    }
}

/// What comes back.
pub(crate) enum Part<'a> {
    /// A row of the statement that is being answered.
    Row(&'a [String], Vec<Option<String>>),
    /// The statement has no more.
    End,
}

/// Sends the message and hands on what comes back. All of it is waited for: an error that the server has yet to tell
/// would be the answer to whatever the session is asked next.
pub(crate) async fn fetch(
    connection: &mut PgConnection,
    message: &Message,
    mut take: impl FnMut(Part<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let (mut columns, mut done) = (Vec::new(), Ok(()));
    let mut stream = sqlx::raw_sql(AssertSqlSafe(message.sql.clone())).fetch_many(connection);
    while let Some(item) = stream.next().await {
        if done.is_err() {
            continue;
        }
        match item? {
            Either::Right(row) => {
                if columns.is_empty() {
                    columns = row.columns().iter().map(|c| c.name().to_owned()).collect();
                }
                done = texts(&row).and_then(|values| take(Part::Row(&columns, values)));
            }
            Either::Left(_) => {
                columns.clear();
                done = take(Part::End);
            }
        }
    }
    done
}

/// Reads what was taken down.
pub(crate) fn read(sets: &[ResultSet], message: &Message) -> Result<Answer, Error> {
    let mut answer = Answer::default();
    for (set, answers) in sets.iter().zip(&message.answers) {
        for values in &set.rows {
            answer.take(*answers, Row { columns: &set.columns, values })?;
        }
    }
    Ok(answer)
}

impl Found {
    fn take(&mut self, kind: Kind, row: &Row<'_>) -> Result<(), Error> {
        let read = || kind.read(row).map_err(|cause| Error::Row { kind, cause });
        if let Some(target) = row.target() {
            let member = row.text("member").map(str::to_owned);
            self.attached.push(Attached { kind, target, member, object: read()? });
        } else if let Some(id) = row.id(kind) {
            let (addresses, position) = (row.addresses(), row.position());
            self.named.push(Named { id, addresses, position, object: read()? });
        }
        Ok(())
    }

    fn join(&mut self, rest: Self) {
        self.named.extend(rest.named);
        self.attached.extend(rest.attached);
    }
}

impl Answer {
    /// Whether nothing at all was committed while it was read, as far as that can be told.
    pub(crate) fn stood_still(&self) -> bool {
        self.moments.len() > 1
            && self.moments.iter().all(|moment| moment.is_some() && *moment == self.moments[0])
    }

    /// Whether what another session answered can stand beside this. It began in the same moment or later, so if at the
    /// end of both nothing has changed since this began, nothing had changed then; where moments can't be told, the same
    /// rows of all catalogs in the same places are the same content.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        if other.fingerprint.is_some() {
            return self.fingerprint == other.fingerprint;
        }
        matches!((self.began(), other.began()), (Some(this), Some(other)) if !other.is_before(&this))
    }

    fn began(&self) -> Option<Moment<'_>> {
        self.moments.first()?.as_deref().and_then(Moment::parse)
    }

    /// Adds what another session answered to the rest of the queries.
    pub(crate) fn join(&mut self, rest: Self) {
        self.moments.extend(rest.moments);
        self.objects.join(rest.objects);
        self.context.extend(rest.context);
    }

    /// Reads a row of what answers one statement.
    pub(crate) fn take(&mut self, answers: Answers, row: Row<'_>) -> Result<(), Error> {
        match answers {
            Answers::Nothing => {}
            Answers::Moment => self.moments.push(row.text("moment").map(str::to_owned)),
            Answers::Fingerprint => self.fingerprint = row.text("fingerprint").map(str::to_owned),
            Answers::Server => self.server = server(&row),
            Answers::Objects(kind) => self.objects.take(kind, &row)?,
            Answers::Depends => self.depends.extend(depend(&row)),
            Answers::Casts => self.casts.extend(cast(&row)),
            Answers::Sizes => self.sizes.extend(size(&row)),
            Answers::Uncompared => self.context.extend(uncompared(&row)),
        }
        Ok(())
    }
}

/// A row's columns as text, which is what the simple protocol sends.
fn texts(row: &PgRow) -> Result<Vec<Option<String>>, Error> {
    (0..row.len())
        .map(|i| {
            let value = row.try_get_raw(i)?;
            if value.is_null() {
                return Ok(None);
            }
            let text = value.as_str().map_err(sqlx::Error::Decode)?;
            Ok(Some(text.to_owned()))
        })
        .collect()
}

fn owned(row: &Row<'_>, column: &str) -> String {
    row.text(column).unwrap_or_default().to_owned()
}

fn flag(row: &Row<'_>, column: &str) -> bool {
    row.text(column) == Some("t")
}

fn server(row: &Row<'_>) -> Server {
    Server {
        version: owned(row, "version").parse().unwrap_or_default(),
        version_text: owned(row, "version_text"),
        collate: owned(row, "collate"),
        ctype: owned(row, "ctype"),
        icu: row.text("icu").map(str::to_owned),
        encoding: owned(row, "encoding"),
        database: owned(row, "database"),
        user: owned(row, "user"),
        search_path: owned(row, "search_path"),
        in_recovery: flag(row, "in_recovery"),
    }
}

fn depend(row: &Row<'_>) -> Option<Depend> {
    let address = |column| limbeck_catalog::row::address(row.text(column)?);
    let kind = row.text("type")?;
    Some(Depend {
        object: address("object")?,
        needs: address("needs")?,
        auto: kind != "n",
        internal: kind == "i",
    })
}

fn cast(row: &Row<'_>) -> Option<((String, String), Cast)> {
    let cast = Cast { assignment: flag(row, "assignment"), binary: flag(row, "binary") };
    Some(((row.text("source")?.to_owned(), row.text("target")?.to_owned()), cast))
}

fn size(row: &Row<'_>) -> Option<(ObjectId, Statistics)> {
    let path: Vec<String> = array(row.text("path")?)?.into_iter().flatten().collect();
    let rows = row.text("rows").and_then(|rows| rows.parse().ok());
    let bytes = row.text("bytes").and_then(|bytes| bytes.parse().ok()).unwrap_or_default();
    Some((ObjectId::new(Kind::Table, path), Statistics { rows, bytes }))
}

fn uncompared(row: &Row<'_>) -> Option<(Uncompared, Address)> {
    let what = Uncompared { kind: owned(row, "kind"), name: owned(row, "name") };
    Some((what, limbeck_catalog::row::address(row.text("address")?)?))
}

/// What the server says of itself and the database, asked alone.
pub(crate) async fn server_alone(connection: &mut PgConnection) -> Result<Server, Error> {
    let row = sqlx::raw_sql(include_str!("queries/server.sql")).fetch_one(connection).await?;
    let columns: Vec<String> = row.columns().iter().map(|c| c.name().to_owned()).collect();
    let values = texts(&row)?;
    Ok(server(&Row { columns: &columns, values: &values }))
}

/// What Postgres calls the objects at some addresses.
pub(crate) async fn describe(
    connection: &mut PgConnection,
    strangers: Vec<(Address, ObjectId)>,
) -> Result<Vec<(Address, ObjectId, String)>, Error> {
    let one = |((class, object, sub), _): &(Address, ObjectId)| {
        format!("coalesce(pg_catalog.pg_describe_object({class}, {object}, {sub}), '')")
    };
    let list = strangers.iter().map(one).collect::<Vec<_>>().join(", ");
    let sql = format!("select pg_catalog.unnest(array[{list}])");
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await?;
    let names = rows.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?;
    let named = strangers.into_iter().zip(names).filter(|(_, name)| !name.is_empty());
    Ok(named.map(|((address, id), name)| (address, id, name)).collect())
}
