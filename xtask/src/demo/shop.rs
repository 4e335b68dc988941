//! The shop's database: made from `demo/shop.sql`, and looked at before and after.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use limbeck_scratch::provider::{Candidate, Choice, Database, Places, Scratch, Wanted, open};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use tokio::runtime::Runtime;

use super::project::Project;
use crate::{embedded, fetch, say, verify};

/// A server of our own with the shop on it.
pub(super) struct Shop {
    runtime: Runtime,
    scratch: Scratch,
    database: Database,
    bin: PathBuf,
    pg_dump: Option<PathBuf>,
}

/// What is in the database, as far as it must come back.
pub(super) struct Seen {
    /// The lines of its schema, sorted: a column that comes back stands last.
    pub(super) schema: Vec<String>,
    /// How many rows each table has.
    pub(super) rows: BTreeMap<String, String>,
    /// A digest of each column's values.
    pub(super) values: BTreeMap<String, String>,
}

/// Writes a query that digests the values of every column of every table, generated ones aside.
const VALUES: &str = r"
select string_agg(format('select %L, md5(coalesce(string_agg(%I::text, chr(10) order by %I::text), %L)) from %I.%I',
    n.nspname || '.' || c.relname || '.' || attname, attname, attname, '', n.nspname, c.relname), ' union all ')
from pg_attribute a join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = c.relnamespace
where relkind = 'r' and attnum > 0 and not attisdropped and attgenerated = ''
  and nspname !~ '^pg_|^information_schema$' and relname !~ '^limbeck_'";

/// Writes a query that counts the rows of every table.
const ROWS: &str = r"
select string_agg(format('select %L, count(*)::text from %I.%I', n.nspname || '.' || c.relname, n.nspname, c.relname),
                  ' union all ')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where relkind = 'r' and nspname !~ '^pg_|^information_schema$' and relname !~ '^limbeck_'";

impl Shop {
    /// Makes the shop on a server of these binaries, or else on the one inside.
    pub(super) fn open(found: Option<Candidate>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let bin = found.map_or_else(|| PathBuf::from(embedded::NAME), |found| found.bin);
        let choice = if bin == Path::new(embedded::NAME) {
            Choice::Embedded
        } else {
            Choice::Native { bin: Some(bin.clone()) }
        };
        let wanted = Wanted { choice, places: Places::from_env(), ..Wanted::default() };
        let scratch = say::step("starting a throwaway server", || runtime.block_on(open(&wanted)))?;
        say::line(format!("{}, {}", scratch.describe(), bin.display()));
        let database = runtime.block_on(scratch.database())?;
        let script = fs_err::read_to_string(verify::root().join("demo/shop.sql"))?;
        say::step("filling it from demo/shop.sql", || runtime.block_on(database.run(&script)))?;
        let pg_dump = fetch::pg_dump(u16::try_from(scratch.version() / 10_000)?);
        Ok(Self { runtime, scratch, database, bin, pg_dump })
    }

    pub(super) fn bin(&self) -> PathBuf {
        self.bin.clone()
    }

    /// Its address.
    pub(super) fn url(&self) -> String {
        let socket = self.socket();
        format!(
            "postgres://postgres@localhost/{}?host={}&sslmode=disable",
            self.database.name(),
            socket.display()
        )
    }

    /// Who compares.
    pub(super) fn observer(&self) -> &'static str {
        if self.pg_dump.is_some() { "pg_dump" } else { "limbeck pull (no pg_dump is to be had)" }
    }

    /// Takes down what is there.
    pub(super) fn look(&self, project: &Project) -> Result<Seen> {
        let schema = match &self.pg_dump {
            Some(program) => self.dump(program)?,
            None => project.pulled()?,
        };
        let mut schema: Vec<_> = schema.lines().map(|l| l.trim_end_matches(',').to_owned()).collect();
        // Comments, and newer ones' `\restrict` with a random key.
        schema.retain(|l| !l.is_empty() && !l.starts_with("--") && !l.starts_with('\\'));
        schema.sort();
        let options = self.database.options();
        let rows = self.runtime.block_on(pairs(options.clone(), ROWS))?;
        Ok(Seen { schema, rows, values: self.runtime.block_on(pairs(options, VALUES))? })
    }

    fn dump(&self, program: &Path) -> Result<String> {
        let said = Command::new(program)
            .args(["--schema-only", "--exclude-table=*.limbeck_*", "-U", "postgres", "-p", "5432"])
            .arg("-h")
            .arg(self.socket())
            .arg(self.database.name())
            .stdin(Stdio::null())
            .output()
            .context("pg_dump can't be run")?;
        ensure!(said.status.success(), "pg_dump: {}", String::from_utf8_lossy(&said.stderr).trim());
        Ok(String::from_utf8_lossy(&said.stdout).into_owned())
    }

    fn socket(&self) -> PathBuf {
        self.database.options().get_socket().cloned().unwrap_or_default()
    }

    /// Throws it away.
    pub(super) fn close(self) -> Result<()> {
        self.runtime.block_on(async {
            self.database.drop().await?;
            self.scratch.close().await
        })?;
        Ok(())
    }
}

/// What the query that a query writes finds: names and values.
async fn pairs(options: PgConnectOptions, writer: &'static str) -> Result<BTreeMap<String, String>> {
    let mut session = options.connect().await?;
    let query: String = sqlx::raw_sql(writer).fetch_one(&mut session).await?.get(0);
    let rows = sqlx::raw_sql(AssertSqlSafe(query)).fetch_all(&mut session).await?;
    session.close().await?;
    Ok(rows.iter().map(|r| (r.get(0), r.get(1))).collect())
}

impl Seen {
    /// All rows.
    pub(super) fn sum(&self) -> u64 {
        self.rows.values().filter_map(|n| n.parse::<u64>().ok()).sum()
    }

    /// The columns whose values are not what they were.
    pub(super) fn changed_values(&self, now: &Self) -> Vec<String> {
        let changed = self.values.iter().filter(|(name, digest)| now.values.get(*name) != Some(digest));
        changed.map(|(name, _)| name.clone()).collect()
    }

    /// What differs in the schema and the numbers of rows, if anything does.
    pub(super) fn difference(&self, now: &Self) -> Option<String> {
        let mut lines = Vec::new();
        lines.extend(without(&self.schema, &now.schema).map(|l| format!("- {l}")));
        lines.extend(without(&now.schema, &self.schema).map(|l| format!("+ {l}")));
        if self.rows != now.rows {
            lines.push(format!("rows were {:?} and are {:?}", self.rows, now.rows));
        }
        (!lines.is_empty() || self.schema != now.schema).then(|| lines.join("\n"))
    }
}

fn without<'a>(lines: &'a [String], others: &'a [String]) -> impl Iterator<Item = &'a String> {
    lines.iter().filter(|l| others.binary_search(l).is_err())
}
