//! A test's surroundings: folders, databases, the binary, Alembic.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use limbeck_scratch::provider::Database;

use crate::alembic::Alembic;
use crate::dump::{Objects, differences};
use crate::server::{Server, url};

/// Databases by name, and a folder; all gone at the end.
pub(crate) struct World {
    server: Arc<Server>,
    alembic: Option<Arc<Alembic>>,
    databases: RefCell<BTreeMap<String, Database>>,
    folder: PathBuf,
}

/// Columns in their order.
const COLUMNS: &str = "
select format('%s.%s %s', a.attrelid::regclass, row_number() over (partition by a.attrelid order by a.attnum), a.attname)
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped
  and n.nspname !~ '^(pg_|information_schema$|ops$)' and c.relname !~ '^(limbeck_|alembic_version$)'
order by 1";

/// A query for all rows of each table.
const ROWS: &str = "
select format('select %L || to_jsonb(t)::text from %s t', c.oid::regclass || ' ', c.oid::regclass)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema$|ops$)'
  and c.relname !~ '^(limbeck_|alembic_version$)'";

impl World {
    pub(crate) fn new(server: &Arc<Server>, alembic: Option<Arc<Alembic>>) -> Result<Self, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("limbeck-alembic-{}-{number}", std::process::id()));
        fs_err::create_dir_all(&folder).map_err(|e| e.to_string())?;
        Ok(World { server: Arc::clone(server), alembic, databases: RefCell::default(), folder })
    }

    /// A file or folder of this test.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Runs the binary in a folder, on a database if one is named.
    pub(crate) fn limbeck(
        &self,
        folder: &str,
        database: &str,
        args: &[&str],
    ) -> Result<(Option<i32>, String), String> {
        let path = self.path(folder);
        fs_err::create_dir_all(&path).map_err(|e| e.to_string())?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        for name in ["DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"] {
            command.env_remove(name);
        }
        if !database.is_empty() {
            command.env("DATABASE_URL", self.url(database)?);
        }
        let command = command.args(args).current_dir(path).env("CI", "true").env("NO_COLOR", "1");
        let out = command.stdin(Stdio::null()).output().map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).trim().to_owned();
        Ok((out.status.code(), text))
    }

    /// Runs it; it must exit so.
    pub(crate) fn ends(
        &self,
        folder: &str,
        database: &str,
        args: &[&str],
        code: i32,
    ) -> Result<String, String> {
        match self.limbeck(folder, database, args)? {
            (Some(found), text) if found == code => Ok(text),
            (found, text) => {
                Err(format!("`limbeck {}` exits {found:?} and not {code}:\n{text}", args.join(" ")))
            }
        }
    }

    /// Runs it; it must exit 0.
    pub(crate) fn must(&self, folder: &str, database: &str, args: &[&str]) -> Result<String, String> {
        self.ends(folder, database, args, 0)
    }

    /// Runs Alembic on one of the projects beside this file.
    pub(crate) fn alembic(&self, project: &str, database: &str, args: &[&str]) -> Result<String, String> {
        let Some(alembic) = &self.alembic else { return Err("no Alembic".to_owned()) };
        alembic.run(&projects().join(project), &self.python_url(database)?, args)
    }

    /// The rows of a query, their columns joined by `|`.
    pub(crate) fn rows(&self, database: &str, query: &str) -> Result<Vec<String>, String> {
        self.with(database, |found| self.server.rows(found, query))
    }

    /// Runs a script.
    pub(crate) fn run(&self, database: &str, script: &str) -> Result<(), String> {
        self.with(database, |found| self.server.run(found, script))
    }

    /// Fails where two databases differ in anything but who keeps book in them.
    pub(crate) fn alike(&self, is: &str, should: &str, when: &str) -> Result<(), String> {
        if let Some(found) = differences(&self.objects(is)?, &self.objects(should)?) {
            return Err(format!("{when}: {is} is not {should}\n{found}"));
        }
        let (is_rows, should_rows) = (self.content(is)?, self.content(should)?);
        if is_rows == should_rows {
            return Ok(());
        }
        Err(format!("{when}: {is} has\n{}\nand {should}\n{}", is_rows.join("\n"), should_rows.join("\n")))
    }

    /// What a dump of the schema does not compare: the order of columns, and all rows.
    fn content(&self, database: &str) -> Result<Vec<String>, String> {
        let mut content = self.rows(database, COLUMNS)?;
        let queries = self.rows(database, ROWS)?;
        if !queries.is_empty() {
            let query = format!("select * from ({}) as t order by 1", queries.join(" union all "));
            content.extend(self.rows(database, &query)?);
        }
        Ok(content)
    }

    fn objects(&self, database: &str) -> Result<Objects, String> {
        let mut objects = self.with(database, |found| self.server.objects(found))?;
        let books = ["alembic_version", "ops.applied", "-.ops"];
        objects.retain(|name, _| !books.iter().any(|book| name.contains(book)));
        Ok(objects)
    }

    fn url(&self, database: &str) -> Result<String, String> {
        self.with(database, |found| Ok(url(found)))
    }

    /// The address as SQLAlchemy takes it.
    fn python_url(&self, database: &str) -> Result<String, String> {
        let url = self.url(database)?;
        Ok(url.replace("postgres://postgres@localhost/", "postgresql+psycopg://postgres@/"))
    }

    /// A database by its name in this test, made when it is first named.
    fn with<T>(&self, name: &str, look: impl FnOnce(&Database) -> Result<T, String>) -> Result<T, String> {
        if !self.databases.borrow().contains_key(name) {
            let made = self.server.database("")?;
            self.databases.borrow_mut().insert(name.to_owned(), made);
        }
        look(&self.databases.borrow()[name])
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(fs_err::remove_dir_all(&self.folder));
        for database in std::mem::take(&mut *self.databases.borrow_mut()).into_values() {
            Server::drop(&self.server, database);
        }
    }
}

/// The folder of Alembic's projects.
pub(crate) fn projects() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/from_alembic/projects"))
}
