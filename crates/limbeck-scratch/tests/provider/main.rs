//! Providers on real servers: their databases' life, two runs at once, and what a killed run leaves.
//!
//! Without server binaries on this machine there is nothing to test; then each test says so.

mod kept;
mod roles;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use limbeck_scratch::provider::{Choice, Error, Locale, Places, Scratch, Wanted, candidates, open};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

/// A cache folder of the test's own, removed at its end. It lies where any user may enter, for root's sake.
struct Cache(PathBuf);

impl Cache {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(format!("/tmp/limbeck-test-{}-{name}", std::process::id()));
        fs_err::create_dir_all(&folder).expect("a cache folder");
        Self(folder)
    }

    fn wanted(&self) -> Wanted {
        let places = Places { cache: Some(self.0.clone()), ..binaries() };
        Wanted { places, ..Wanted::default() }
    }

    /// The data folder of the only cluster in it.
    fn data(&self) -> PathBuf {
        let clusters = fs_err::read_dir(self.0.join("clusters")).expect("clusters");
        let folder = clusters.flatten().map(|e| e.path()).find(|p| p.is_dir()).expect("a cluster");
        folder.join("data")
    }

    fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    fn postmaster(&self) -> u32 {
        let text = fs_err::read_to_string(self.pid_file()).expect("a pid file");
        text.lines().next().and_then(|l| l.parse().ok()).expect("a pid")
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        let _ = fs_err::remove_dir_all(&self.0);
    }
}

/// Where this machine has its binaries, fetched ones included.
fn binaries() -> Places {
    let mut places = Places::from_env();
    places.bin = candidates(&places).first().map(|c| c.bin.clone());
    places
}

macro_rules! needs_binaries {
    () => {
        if binaries().bin.is_none() {
            eprintln!("no server binaries on this machine: not tested");
            return;
        }
    };
}
use needs_binaries;

async fn one(options: &PgConnectOptions, sql: &'static str) -> String {
    let mut session = options.connect().await.expect("a session");
    let row = sqlx::raw_sql(sql).fetch_one(&mut session).await.expect("a row");
    let value = row.get(0);
    session.close().await.expect("closed");
    value
}

async fn statement(options: &PgConnectOptions, sql: &'static str) {
    let mut session = options.connect().await.expect("a session");
    sqlx::raw_sql(sql).execute(&mut session).await.expect("run");
    session.close().await.expect("closed");
}

const LEFT: &str = "select count(*)::text from pg_database where datname like 'limbeck%'";

/// The server's own database, through a scratch database's way in.
async fn postgres(scratch: &Scratch) -> PgConnectOptions {
    let database = scratch.database().await.expect("a database");
    let options = database.options().database("postgres");
    database.drop().await.expect("dropped");
    options
}

fn is_alive(pid: u32) -> bool {
    let line = fs_err::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    !line.is_empty()
}

#[tokio::test]
async fn a_database_is_made_filled_copied_and_dropped() {
    needs_binaries!();
    let cache = Cache::new("life");
    let scratch = open(&cache.wanted()).await.expect("scratch");
    let database = scratch.database().await.expect("a database");
    database.run("create table t (a int); insert into t values (1), (2)").await.expect("filled");
    let copy = scratch.copy(&database).await.expect("a copy");
    assert_eq!(one(&copy.options(), "select sum(a)::text from t").await, "3");
    assert_eq!(one(&copy.options(), "select current_setting('server_encoding')").await, "UTF8");
    let postgres = postgres(&scratch).await;
    assert_eq!(one(&postgres, LEFT).await, "2");
    database.drop().await.expect("dropped");
    assert_eq!(one(&postgres, LEFT).await, "1");
    assert_eq!(u32::from(binaries_major()), scratch.version() / 10_000);
    assert!(
        scratch.describe().starts_with(&format!("native {}", binaries_major())),
        "{}",
        scratch.describe()
    );
    scratch.close().await.expect("closed");
    assert!(!cache.pid_file().exists(), "the last user stops the server");
}

fn binaries_major() -> u16 {
    candidates(&binaries()).first().map(|c| c.major).expect("binaries")
}

#[tokio::test]
async fn two_runs_at_once_share_the_server_and_the_last_stops_it() {
    needs_binaries!();
    let cache = Cache::new("two");
    let wanted = cache.wanted();
    let (first, second) = tokio::join!(open(&wanted), open(&wanted));
    let (first, second) = (first.expect("first"), second.expect("second"));
    let (a, b) = tokio::join!(first.database(), second.database());
    let (a, b) = (a.expect("a"), b.expect("b"));
    assert_ne!(a.name(), b.name());
    first.close().await.expect("closed");
    b.run("select 1").await.expect("the second's server is still there");
    let options = b.options().database("postgres");
    assert_eq!(one(&options, LEFT).await, "1", "the first's database is gone, the second's is there");
    second.close().await.expect("closed");
    assert!(!cache.pid_file().exists());
}

#[tokio::test]
async fn a_run_that_ends_by_an_error_lets_the_server_go() {
    needs_binaries!();
    let cache = Cache::new("error");
    let scratch = open(&cache.wanted()).await.expect("scratch");
    let _database = scratch.database().await.expect("a database");
    let pid = cache.postmaster();
    drop(scratch);
    let again = open(&cache.wanted()).await.expect("again");
    assert_ne!(cache.postmaster(), pid, "the first was told to stop, and was waited for");
    assert_eq!(one(&postgres(&again).await, LEFT).await, "0");
    again.close().await.expect("closed");
}

/// Not a test by itself: the run that [`what_a_killed_run_leaves_is_cleaned_up`] kills.
#[tokio::test]
async fn the_run_that_is_killed() {
    let Some(cache) = std::env::var_os("LIMBECK_TEST_HOLD") else { return };
    let wanted = Wanted { places: Places { cache: Some(cache.into()), ..binaries() }, ..Wanted::default() };
    let scratch = open(&wanted).await.expect("scratch");
    let database = scratch.database().await.expect("a database");
    database.run("create table t ()").await.expect("filled");
    println!("HOLDING {}", database.name());
    std::thread::park();
}

/// Another process that holds a scratch database.
fn holder(cache: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "the_run_that_is_killed", "--nocapture"])
        .env("LIMBECK_TEST_HOLD", cache)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    assert!(out.lines().map_while(Result::ok).any(|l| l.contains("HOLDING")), "the holder came up");
    child
}

#[tokio::test]
async fn what_a_killed_run_leaves_is_cleaned_up() {
    needs_binaries!();
    let cache = Cache::new("killed");
    let mut killed = holder(&cache.0);
    let pid = cache.postmaster();
    let beside = open(&cache.wanted()).await.expect("beside a run that holds one");
    let options = postgres(&beside).await;
    assert_eq!(one(&options, LEFT).await, "1", "a living run's database is left alone");
    beside.close().await.expect("closed");
    assert!(is_alive(pid), "and its server");

    killed.kill().expect("killed");
    killed.wait().expect("its end");
    let next = open(&cache.wanted()).await.expect("the next run");
    assert_eq!(cache.postmaster(), pid, "uses the server that was left");
    assert_eq!(one(&postgres(&next).await, LEFT).await, "0", "and drops what was left on it");
    next.close().await.expect("closed");
    assert!(!is_alive(pid), "and stops it");
}

#[tokio::test]
async fn a_stale_pid_file_is_stepped_over() {
    needs_binaries!();
    let cache = Cache::new("stale");
    open(&cache.wanted()).await.expect("scratch").close().await.expect("closed");
    // A process that lives and has nothing to do with it: this one.
    let text =
        format!("{}\n{}\n1\n5432\n/nowhere\n\n0 0\nready\n", std::process::id(), cache.data().display());
    fs_err::write(cache.pid_file(), text).expect("written");
    let scratch = open(&cache.wanted()).await.expect("scratch");
    scratch.database().await.expect("a database");
    scratch.close().await.expect("closed");
}

#[tokio::test]
async fn a_killed_server_is_started_again() {
    needs_binaries!();
    let cache = Cache::new("server");
    let first = open(&cache.wanted()).await.expect("scratch");
    let pid = cache.postmaster();
    Command::new("kill").args(["-9", &pid.to_string()]).status().expect("killed");
    let second = open(&cache.wanted()).await.expect("again");
    second.database().await.expect("a database");
    drop(first);
    second.close().await.expect("closed");
    assert!(!cache.pid_file().exists());
}

#[tokio::test]
async fn a_broken_cluster_is_made_anew() {
    needs_binaries!();
    let cache = Cache::new("broken");
    open(&cache.wanted()).await.expect("scratch").close().await.expect("closed");
    fs_err::remove_file(cache.data().join("global/pg_control")).expect("broken");
    let scratch = open(&cache.wanted()).await.expect("scratch");
    scratch.database().await.expect("a database");
    scratch.close().await.expect("closed");
}

/// A run that is killed leaves its `initdb` at work.
#[tokio::test]
async fn files_that_are_still_written_are_removed() {
    needs_binaries!();
    let cache = Cache::new("written");
    open(&cache.wanted()).await.expect("scratch").close().await.expect("closed");
    let folder = cache.data().parent().expect("a cluster's folder").to_owned();
    fs_err::remove_file(folder.join("made")).expect("half made");
    let new = folder.join("new");
    fs_err::create_dir_all(&new).expect("begun");
    // So many that the writer is faster than who removes them.
    let write = move |name: usize| std::fs::write(new.join(name.to_string()), "");
    (0..5_000).for_each(|name| write(name).expect("a file"));
    let until = Instant::now() + Duration::from_millis(300);
    let writer = std::thread::spawn(move || {
        (5_000..).take_while(|_| Instant::now() < until).for_each(|name| drop(write(name)));
    });
    open(&cache.wanted()).await.expect("scratch").close().await.expect("closed");
    writer.join().expect("the end");
    let others = fs_err::read_dir(folder.parent().expect("clusters")).expect("read");
    let clusters = others.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_dir())).count();
    assert_eq!(clusters, 1, "no other binaries had to stand in");
}

#[tokio::test]
async fn a_long_cache_path_has_its_socket_elsewhere() {
    needs_binaries!();
    let cache = Cache::new(&"long".repeat(30));
    let scratch = open(&cache.wanted()).await.expect("scratch");
    let database = scratch.database().await.expect("a database");
    let socket = database.options().get_socket().cloned().expect("a socket");
    assert!(!socket.starts_with(&cache.0), "{}", socket.display());
    scratch.close().await.expect("closed");
    fs_err::remove_dir_all(socket).expect("its folder");
}

#[tokio::test]
async fn a_locale_that_is_not_there_is_said() {
    needs_binaries!();
    let cache = Cache::new("locale");
    let there = Wanted { locale: Some(Locale::libc("C")), ..cache.wanted() };
    let scratch = open(&there).await.expect("scratch");
    let database = scratch.database().await.expect("a database");
    let collate = "select datcollate from pg_database where datname = current_database()";
    assert_eq!(one(&database.options(), collate).await, "C");
    assert_eq!(scratch.notes(), Vec::<String>::new());
    scratch.close().await.expect("closed");

    let missing = Wanted { locale: Some(Locale::libc("xx_YY.UTF-8")), ..cache.wanted() };
    let scratch = open(&missing).await.expect("scratch");
    scratch.database().await.expect("a database all the same");
    assert_eq!(scratch.notes(), ["locale xx_YY.UTF-8 is not on the scratch server, its own stands in"]);
    scratch.close().await.expect("closed");
}

/// A database that collates by ICU is known as such, and one like it is made. Of 14 there is none, and a server
/// may be built without.
#[tokio::test]
async fn an_icu_locale_goes_all_the_way_round() {
    needs_binaries!();
    let cache = Cache::new("icu");
    let locale = Locale { icu: Some("de-AT".to_owned()), ..Locale::libc("C") };
    let scratch = open(&Wanted { locale: Some(locale.clone()), ..cache.wanted() }).await.expect("scratch");
    let database = scratch.database().await.expect("a database");
    let mut session = database.connect().await.expect("a session");
    let server = limbeck_introspect::server(&mut session).await.expect("asked");
    let can = scratch.version() >= 150_000 && scratch.notes().is_empty();
    assert_eq!(server.icu, locale.icu.filter(|_| can), "{:?}", scratch.notes());
    assert_eq!(u32::from(server.major()), scratch.version() / 10_000);
    session.close().await.expect("closed");
    scratch.close().await.expect("closed");
}

#[tokio::test]
async fn url_and_server_make_their_databases_on_the_server_that_is_named() {
    needs_binaries!();
    let cache = Cache::new("url");
    let native = open(&cache.wanted()).await.expect("scratch");
    let database = native.database().await.expect("a database");
    database.run("create role maker login createdb; create role reader login").await.expect("roles");
    let socket = database.options().get_socket().expect("a socket").display().to_string();
    let url = |role: &str| format!("postgres://{role}@localhost/postgres?host={socket}&sslmode=disable");

    let by_url = Wanted { choice: Choice::Url(url("maker")), ..cache.wanted() };
    let scratch = open(&by_url).await.expect("by url");
    assert!(scratch.describe().starts_with("url "), "{}", scratch.describe());
    let made = scratch.database().await.expect("a database");
    assert_eq!(one(&made.options(), "select current_user::text").await, "maker");
    // A run that is gone without a word: its session ends, its database stays until the next run.
    drop((made, scratch));
    let server = Wanted { choice: Choice::Server(Box::new(database.options())), ..cache.wanted() };
    let scratch = open(&server).await.expect("on the server");
    assert_eq!(one(&postgres(&scratch).await, LEFT).await, "1", "the native run's own is left");
    scratch.close().await.expect("closed");

    let refused = Wanted { choice: Choice::Url(url("reader")), ..cache.wanted() };
    let error = open(&refused).await.expect_err("no right to create databases");
    assert!(matches!(&error, Error::NoCreatedb { role, .. } if role == "reader"), "{error}");
    native.close().await.expect("closed");
}

#[tokio::test]
async fn what_was_tried_is_said() {
    let cache = Cache::new("none");
    let bin = Some(cache.0.join("no-such-folder"));
    let wanted = Wanted { choice: Choice::Native { bin }, ..cache.wanted() };
    let error = open(&wanted).await.expect_err("nothing there");
    assert!(error.to_string().contains("no-such-folder (no postgres and initdb that run)"), "{error}");
    assert!(error.advice().is_some_and(|a| a.contains("LIMBECK_PG_BIN")));
    let off = open(&Wanted { choice: Choice::None, ..cache.wanted() }).await;
    assert!(matches!(off, Err(Error::Off)));
}

#[tokio::test]
async fn no_password_shows_in_an_error() {
    let url = "postgres://someone:hunter2@127.0.0.1:56299/postgres".to_owned();
    let error =
        open(&Wanted { choice: Choice::Url(url), ..Wanted::default() }).await.expect_err("nobody there");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
}
