//! Builds a catalog on a scratch database: the plan from nothing to it, executed.
//!
//! What is read from a server has exact dependencies, and the plan's order works at once, in one
//! message. What is declared has only mentions, which can mislead; so if the message fails,
//! statements run one by one, and those that fail run again after the others, until no pass helps. What then
//! is left may need each other: views and functions get stand-ins first, as in a plan.

use limbeck_catalog::facts::Section;
use limbeck_catalog::{Catalog, Kind, ObjectId, Pair};
use limbeck_diff::mention::{add_body_needs, add_declared_needs};
use limbeck_diff::{Direction, Verb, plan};
use limbeck_sql::ident;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::Error;
use crate::provider::Database;

/// Where the order of building comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From `pg_depend`, as it was introspected.
    Known,
    /// From mentions in texts.
    Declared,
}

/// A statement that the scratch server refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which object it creates.
    pub id: ObjectId,
    /// The statement.
    pub sql: String,
    /// The server's message.
    pub message: String,
    /// The server's hint or detail.
    pub hint: Option<String>,
    /// What kind of mistake it is, as `SQLSTATE` says.
    pub code: Option<String>,
    /// The byte of the statement that the server points at.
    pub at: Option<usize>,
}

/// Builds everything that a catalog holds, in a session on the database.
///
/// # Errors
///
/// [`Error::Build`] with every statement that the server refuses and that no other refusal explains; what
/// isn't compared may be refused where models are built.
pub async fn build(
    database: &Database,
    connection: &mut PgConnection,
    catalog: &Catalog,
    order: Order,
) -> Result<(), Error> {
    build_uncommitted(database, connection, catalog, order).await?;
    Ok(run(connection, "commit".to_owned()).await?)
}

/// The same, in a transaction that stays open.
pub(crate) async fn build_uncommitted(
    database: &Database,
    connection: &mut PgConnection,
    catalog: &Catalog,
    order: Order,
) -> Result<(), Error> {
    let statements = statements(catalog, order)?;
    let message: String = statements.iter().map(|s| format!("{}{};\n", s.setting, s.sql)).collect();
    let whole = format!("begin;\nset local check_function_bodies = off;\n{message}");
    if run_with_roles(database, connection, &whole).await.is_ok() {
        return Ok(());
    }
    run(connection, "rollback".to_owned()).await?;
    run(connection, "begin; set local check_function_bodies = off".to_owned()).await?;
    let (mut refused, waiting) = one_by_one(database, connection, statements).await?;
    if !refused.is_empty() {
        let replacing = stand_in(database, connection, catalog, waiting).await?;
        refused = one_by_one(database, connection, replacing).await?.0;
    }
    refused.retain(|r| order == Order::Known || !is_context(&r.id));
    if refused.is_empty() {
        return Ok(());
    }
    run(connection, "rollback".to_owned()).await?;
    Err(Error::Build(causes(catalog, refused)))
}

/// Whether it isn't compared, and there only because others may need it. Models may take away what it
/// stands on: that it stays, and what becomes of it, is for the proof to say.
fn is_context(id: &ObjectId) -> bool {
    id.kind.section() == Section::None && id.target().is_none()
}

struct Statement {
    id: ObjectId,
    /// A change of `search_path`, where the one before it had another.
    setting: String,
    path: String,
    sql: String,
    /// The same, where a stand-in is there already.
    replacing: Option<String>,
}

impl Statement {
    fn message(&self) -> String {
        self.message_of(&self.sql)
    }

    fn message_of(&self, sql: &str) -> String {
        format!("set local search_path = {};\n{sql}", self.path)
    }
}

/// The statements in order, each with the `search_path` that models are written for: the object's
/// schema, then `public`, then the schemas of extensions.
fn statements(catalog: &Catalog, order: Order) -> Result<Vec<Statement>, Error> {
    let mut wanted = catalog.clone();
    match order {
        Order::Known => add_body_needs(&mut wanted),
        Order::Declared => add_declared_needs(&mut wanted),
    }
    let public = ObjectId::new(Kind::Schema, ["public"]);
    let mut empty = Catalog { server: catalog.server, ..Catalog::default() };
    // A fresh database has it, like every database, unless somebody dropped it.
    empty.objects.extend(wanted.get(&public).map(|schema| (public, schema.clone())));
    let plan = plan(Pair { from: &empty, to: &wanted }, Direction::Upgrade)?;
    let extensions = extension_schemas(catalog);
    let mut last = String::new();
    let mut statements = Vec::new();
    for step in plan.steps {
        let path = search_path(&step.id, &extensions);
        for action in step.actions.into_iter().filter(|action| !action.commented) {
            let setting =
                if path == last { String::new() } else { format!("set local search_path = {path};\n") };
            last.clone_from(&path);
            statements.push(Statement {
                id: step.id.clone(),
                setting,
                path: path.clone(),
                sql: action.text(),
                replacing: (step.verb == Verb::Create).then(|| action.or_replace().text()),
            });
        }
    }
    Ok(statements)
}

fn extension_schemas(catalog: &Catalog) -> Vec<String> {
    let mut schemas: Vec<_> =
        catalog.of_kind(Kind::Extension).flat_map(|(_, object)| object.texts()).map(ident).collect();
    schemas.dedup();
    schemas
}

fn search_path(id: &ObjectId, extensions: &[String]) -> String {
    let own = if id.path.len() > 1 { ident(id.schema()) } else { "public".to_owned() };
    let mut path = vec![own];
    for schema in std::iter::once("public".to_owned()).chain(extensions.iter().cloned()) {
        if !path.contains(&schema) {
            path.push(schema);
        }
    }
    path.join(", ")
}

async fn one_by_one(
    database: &Database,
    connection: &mut PgConnection,
    mut waiting: Vec<Statement>,
) -> Result<(Vec<Refused>, Vec<Statement>), Error> {
    // In a message of its own: of one that can't even be parsed, nothing is run, no savepoint either.
    run(connection, "savepoint one".to_owned()).await?;
    loop {
        let (mut failed, mut refused, before) = (Vec::new(), Vec::new(), waiting.len());
        for statement in waiting {
            match attempt(database, connection, statement.message()).await? {
                Ok(()) => {}
                Err(error) => {
                    refused.push(refusal(&statement, error.as_ref()));
                    failed.push(statement);
                }
            }
        }
        if failed.is_empty() || failed.len() == before {
            return Ok((refused, failed));
        }
        waiting = failed;
    }
}

/// Runs a message that may be refused, which nothing else shall notice. The inner error is the refusal.
async fn attempt(
    database: &Database,
    connection: &mut PgConnection,
    sql: String,
) -> Result<Result<(), Box<dyn sqlx::error::DatabaseError>>, Error> {
    let mut made = Vec::new();
    loop {
        let error = match run(connection, sql.clone()).await {
            Ok(()) => {
                run(connection, "release savepoint one; savepoint one".to_owned()).await?;
                return Ok(Ok(()));
            }
            Err(sqlx::Error::Database(error)) => error,
            Err(other) => return Err(other.into()),
        };
        run(connection, "rollback to savepoint one".to_owned()).await?;
        let missing = missing_role(error.code().as_deref(), error.message());
        let Some(role) = missing.filter(|role| may_be_made(&mut made, role)) else { return Ok(Err(error)) };
        if !database.make_role(connection, &role).await? {
            return Ok(Err(error));
        }
        // That the role is missing is remembered by the transaction, until it takes a lock that it does not hold.
        let notice = "lock table pg_catalog.pg_largeobject in access share mode; rollback to savepoint one";
        run(connection, notice.to_owned()).await?;
    }
}

/// Makes stand-ins of what has one; its own statement then replaces it.
async fn stand_in(
    database: &Database,
    connection: &mut PgConnection,
    catalog: &Catalog,
    mut waiting: Vec<Statement>,
) -> Result<Vec<Statement>, Error> {
    for statement in &mut waiting {
        let Some(replacing) = statement.replacing.take() else { continue };
        let shell = catalog.get(&statement.id).and_then(|object| object.shell(&statement.id));
        for action in shell.into_iter().flatten() {
            if attempt(database, connection, statement.message_of(&action.text())).await?.is_ok() {
                statement.sql.clone_from(&replacing);
            }
        }
    }
    Ok(waiting)
}

fn refusal(statement: &Statement, error: &dyn sqlx::error::DatabaseError) -> Refused {
    let postgres = error.try_downcast_ref::<PgDatabaseError>();
    let hint = postgres.and_then(|e| e.hint().or(e.detail())).map(str::to_owned);
    let at = postgres.and_then(|e| match e.position()? {
        PgErrorPosition::Original(character) => {
            let message = statement.message();
            let at = message.char_indices().nth(character - 1).map_or(message.len(), |(at, _)| at);
            at.checked_sub(message.len() - statement.sql.len())
        }
        PgErrorPosition::Internal { .. } => None,
    });
    Refused {
        id: statement.id.clone(),
        sql: statement.sql.clone(),
        message: error.message().to_owned(),
        hint,
        code: error.code().map(String::from),
        at,
    }
}

/// The refusals that aren't the consequence of another: those that need nothing that was refused.
fn causes(catalog: &Catalog, refused: Vec<Refused>) -> Vec<Refused> {
    let ids: Vec<_> = refused.iter().map(|r| r.id.clone()).collect();
    let is_consequence = |r: &Refused| {
        let words: Vec<_> = catalog
            .get(&r.id)
            .into_iter()
            .flat_map(|o| o.texts())
            .flat_map(limbeck_sql::identifiers)
            .collect();
        ids.iter().any(|id| {
            *id != r.id && (words.iter().any(|w| w == id.name()) || r.id.path.starts_with(&id.path))
        })
    };
    let causes: Vec<_> = refused.iter().filter(|r| !is_consequence(r)).cloned().collect();
    if causes.is_empty() { refused } else { causes }
}

/// Runs a message. Roles that it names and the server lacks are made first, where limbeck may: they belong to
/// servers, and a scratch server has none of those that policies and rights speak of.
pub(crate) async fn run_with_roles(
    database: &Database,
    connection: &mut PgConnection,
    sql: &str,
) -> Result<(), Error> {
    let mut made = Vec::new();
    loop {
        let error = match run(connection, sql.to_owned()).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        let missing = error.as_database_error().and_then(|e| missing_role(e.code().as_deref(), e.message()));
        let Some(role) = missing.filter(|role| may_be_made(&mut made, role)) else {
            return Err(error.into());
        };
        run(connection, "rollback".to_owned()).await?;
        if !database.make_role(connection, &role).await? {
            return Err(error.into());
        }
    }
}

/// Whether it makes sense to make a role and try again: not where it was made and is missing yet again, as the
/// statements drop it themselves. Once more it may be, where another run took it for nobody's.
pub fn may_be_made(made: &mut Vec<String>, role: &str) -> bool {
    made.push(role.to_owned());
    made.iter().filter(|name| *name == role).count() <= 2
}

/// The role of `role "name" does not exist`.
pub fn missing_role(code: Option<&str>, message: &str) -> Option<String> {
    let name = message.strip_prefix("role \"")?.strip_suffix("\" does not exist")?;
    (code == Some("42704")).then(|| name.to_owned())
}

pub(crate) async fn run(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ())
}
