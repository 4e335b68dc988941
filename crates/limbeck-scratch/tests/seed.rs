//! Rows on a real server: awkward tables get them, what becomes of them is seen, and inserts through
//! defaults tell whether a sequence kept its position.
//!
//! Without server binaries on this machine there is nothing to test; then each test says so.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use limbeck_catalog::{Catalog, Kind, ObjectId, Pair};
use limbeck_introspect::introspect;
use limbeck_scratch::observe::{
    Names, Observation, changed_values, insert_through_defaults, lost_rows, observe, rewritten,
};
use limbeck_scratch::provider::{Database, Places, Scratch, Wanted, candidates, open};
use limbeck_scratch::seed::{Seeded, seed};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

/// A cache folder of the test's own, removed at its end. It lies where any user may enter, for root's sake.
struct Cache(PathBuf);

impl Drop for Cache {
    fn drop(&mut self) {
        let _ = fs_err::remove_dir_all(&self.0);
    }
}

/// A scratch database with some tables.
struct Fixture {
    scratch: Scratch,
    database: Database,
    session: PgConnection,
    catalog: Catalog,
    /// Goes last, after the server.
    _cache: Cache,
}

const BUDGET: Duration = Duration::from_secs(30);

impl Fixture {
    /// `None` without server binaries.
    async fn new(name: &str, sql: &str) -> Option<Self> {
        let cache = PathBuf::from(format!("/tmp/limbeck-test-{}-{name}", std::process::id()));
        let places = Places::from_env();
        let Some(found) = candidates(&places).into_iter().next() else {
            eprintln!("no server binaries on this machine: not tested");
            return None;
        };
        fs_err::create_dir_all(&cache).expect("a cache folder");
        let cache = Cache(cache);
        let places = Places { cache: Some(cache.0.clone()), bin: Some(found.bin), ..places };
        let scratch = open(&Wanted { places, ..Wanted::default() }).await.expect("scratch");
        let database = scratch.database().await.expect("a database");
        database.run(sql).await.expect("the tables");
        let mut session = database.connect().await.expect("a session");
        let catalog = introspect(&mut session).await.expect("a catalog").catalog;
        Some(Self { scratch, database, session, catalog, _cache: cache })
    }

    async fn seed(&mut self) -> Seeded {
        seed(&mut self.session, &self.catalog, BUDGET).await.expect("seeded")
    }

    async fn run(&mut self, sql: &str) {
        self.database.run(sql).await.expect("it runs");
        self.catalog = introspect(&mut self.session).await.expect("a catalog").catalog;
    }

    async fn observe(&mut self) -> Observation {
        observe(&mut self.session, &self.catalog).await.expect("observed")
    }

    async fn defaults(&mut self) -> BTreeMap<ObjectId, Result<(), String>> {
        let tried = insert_through_defaults(&mut self.session, &self.catalog).await.expect("tried");
        tried.into_iter().map(|(id, done)| (id, done.map_err(|refused| refused.why))).collect()
    }

    /// A query's only value, as text.
    async fn one(&mut self, sql: &str) -> String {
        let row =
            sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_one(&mut self.session).await.expect("a row");
        row.try_get::<Option<String>, _>(0).expect("text").unwrap_or_default()
    }

    async fn close(self) {
        self.session.close().await.expect("closed");
        self.scratch.close().await.expect("closed");
    }
}

fn table(name: &str) -> ObjectId {
    ObjectId::new(Kind::Table, ["public", name])
}

fn none() -> BTreeMap<ObjectId, String> {
    BTreeMap::new()
}

#[tokio::test]
async fn every_built_in_type_gets_values() {
    let sql = r#"
        create type mood as enum ('sad', 'it''s fine', 'glad');
        create domain score as numeric(3, 1) check (value > 2.5 and value < 9);
        create domain slug as varchar(12) not null check (value ~ '^[a-z]{3,}(-[a-z0-9]+)*$');
        create type part as (name text, size int, moods mood[]);
        create type span as range (subtype = date);
        create table plain (
          a int2, b int4 not null, c int8, d float4, e float8, f numeric, g numeric(4, 2), h numeric(2, 2), i money,
          j bool not null, k text, l varchar(1), m char(3), n name, o "char", p bytea, q uuid, r json, s jsonb,
          t jsonpath, u bit(5), v varbit(3), w tsvector, x tsquery, y pg_lsn, z oid);
        create table times (a date not null, b time, c timetz, d timestamp(0), e timestamptz, f interval,
          g interval year to month, h interval second);
        create table shapes (a inet, b cidr, c macaddr, d macaddr8, e point, f line, g lseg, h box, i path, j polygon,
          k circle, l regclass, m xid8, n pg_snapshot, o tid, p int2vector);
        create function strict_about(a text) returns bool language plpgsql immutable as
          'begin if a is not null then raise ''no''; end if; return true; end';
        create table guarded (a text, b text check (strict_about(b)), c text);
        create table made (a mood not null, b mood[], c score, d slug, e part, f int4range, g tstzrange, h nummultirange,
          i span, j int[][], k varchar(2)[], l score[], m slug[] not null, n part[]);
    "#;
    let Some(mut fixture) = Fixture::new("types", sql).await else { return };
    let seeded = fixture.seed().await;
    assert_eq!(seeded, Seeded { rows: 15, unseeded: none() });
    // Every column shows a value in at least two rows, and a null in one where it may.
    for name in ["plain", "times", "shapes", "made"] {
        let sql = format!(
            "select string_agg(a.key || ':' || a.n, ',') from (select e.key, count(e.value) as n \
             from {name} whole, jsonb_each_text(to_jsonb(whole)) e group by e.key) a \
             join pg_attribute c on c.attrelid = '{name}'::regclass and c.attname = a.key \
             left join pg_type y on y.oid = c.atttypid \
             where a.n <> case when c.attnotnull or y.typnotnull then 3 else 2 end"
        );
        assert_eq!(fixture.one(&sql).await, "", "{name}");
    }
    assert_eq!(
        fixture.one("select concat_ws(',', count(a), count(b), count(c)) from guarded").await,
        "2,0,2"
    );
    assert_eq!(
        fixture.one("select string_agg(a::text, ',' order by a) from made").await,
        "sad,it's fine,glad"
    );
    assert_eq!(fixture.one("select count(distinct k)::text from plain").await, "2");
    fixture.close().await;
}

#[tokio::test]
async fn rows_refer_to_each_other() {
    let sql = r#"
        create schema other;
        create table other."Tenant" ("Id" uuid primary key default gen_random_uuid());
        create table users (tenant uuid references other."Tenant", id serial, primary key (tenant, id));
        create table projects (id bigint generated always as identity, tenant uuid not null, owner int not null,
          primary key (tenant, id), foreign key (tenant, owner) references users (tenant, id));
        create table members (tenant uuid not null, project bigint, member int,
          primary key (tenant, project, member), foreign key (tenant, project) references projects (tenant, id),
          foreign key (tenant, member) references users (tenant, id));
        create table profile (id int primary key, tenant uuid not null, unique (tenant, id),
          foreign key (tenant, id) references users (tenant, id) deferrable initially deferred);
        create table nodes (id int primary key, parent int references nodes, root int not null references nodes);
        create table friends (a int not null references nodes, b int not null references nodes, unique (a, b), check (a <> b));
        create table egg (id int primary key, hen int not null);
        create table hen (id int primary key, egg int not null references egg, best int references egg);
        alter table egg add foreign key (hen) references hen;
        create table account (id int primary key, main int);
        create table mailbox (id int primary key, account int not null references account);
        alter table account add foreign key (main) references mailbox;
        create table whole (a uuid, b int, foreign key (a, b) references users (tenant, id) match full);
        create table ids (id int primary key references nodes (id));
    "#;
    let Some(mut fixture) = Fixture::new("keys", sql).await else { return };
    let seeded = fixture.seed().await;
    assert_eq!(seeded.unseeded, none());
    let observed = fixture.observe().await;
    assert!(observed.tables.values().all(|table| table.rows >= 3), "{observed:?}");
    let distinct = "select count(distinct (a, b))::text from friends where a <> b";
    assert_eq!(fixture.one(distinct).await, "3");
    for some in [
        "select count(*)::text from nodes where parent is not null",
        "select count(*)::text from account where main is not null",
        "select count(*)::text from whole where a is not null and b is not null",
        "select count(*)::text from hen where best is not null",
    ] {
        assert_ne!(fixture.one(some).await, "0", "{some}");
    }
    // An innocent drop and add of a key passes: no row was put past it.
    fixture.run("alter table hen drop constraint hen_egg_fkey, add foreign key (egg) references egg").await;
    fixture.close().await;
}

#[tokio::test]
async fn checks_and_uniqueness_are_met() {
    let sql = r#"
        create extension btree_gist;
        create extension citext;
        create function is_code(t text) returns bool language sql immutable as 'select t ~ ''^[A-Z]{2}[0-9]{3}$''';
        create table checks (
          status text not null default 'new' check (status in ('new', 'open')),
          hash text not null check (length(hash) = 40), code citext unique check (is_code(code::text) or code = 'XY123' or code = 'AB001' or code = 'CD002'),
          mail text not null check (mail like '%@%.org'), price numeric(8, 2) check (price between 100 and 200),
          tags text[] not null check (cardinality(tags) > 2 and tags <@ '{a,b,c}'),
          config jsonb not null check (config ? 'mode' and jsonb_typeof(config -> 'mode') = 'string'));
        create table several (
          id int generated by default as identity primary key, kind text not null, number int, word text, day date not null,
          until date not null, low int not null, high int not null,
          check (num_nonnulls(number, word) = 1), check ((kind = 'n') = (number is not null)),
          check (kind in ('n', 'w')), check (until > day), check (high - low >= 100));
        create table few (a bool not null, b bool not null, c text, primary key (a, b), unique (c));
        create table one_letter (a char(1) primary key, b varchar(1) not null unique);
        create table only_one_default (owner int not null, is_default bool not null default true);
        create unique index on only_one_default ((1)) where is_default;
        create table rooms (room int not null, during tstzrange not null, exclude using gist (room with =, during with &&));
        create table generated (a int not null, b int generated always as (a * 2) stored unique, c int not null default 7);
        create table many_choices (c0 int, c1 int, c2 int, c3 int, c4 int, c5 int, c6 int, c7 int, c8 int, c9 int, c10 int,
          c11 int, c12 int, c13 int, c14 int, c15 int, c16 int, c17 int, c18 int, c19 int, c20 int, c21 int,
          check (num_nonnulls(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10,
            c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21) = 1));
        create table blank ();
        create table "Odd ""Name" ("select" text unique default 'it''s', "Back\slash" text not null default E'\\');
        create table singleton (id bool primary key default true check (id));
    "#;
    let Some(mut fixture) = Fixture::new("checks", sql).await else { return };
    let seeded = fixture.seed().await;
    let left: Vec<_> = seeded.unseeded.iter().map(|(id, why)| format!("{id}: {why}")).collect();
    assert_eq!(
        left,
        ["table public.singleton: duplicate key value violates unique constraint \"singleton_pkey\""]
    );
    let observed = fixture.observe().await;
    let short = observed.tables.iter().filter(|(_, table)| table.rows < 3).map(|(id, _)| id.name());
    assert_eq!(short.collect::<Vec<_>>(), ["singleton"]);
    assert_eq!(fixture.one("select count(distinct c)::text from generated where c <> 7").await, "2");
    assert_ne!(fixture.one("select count(distinct kind)::text from several").await, "0");
    fixture.close().await;
}

const SHOP: &str = "
    create table orders (id int generated always as identity primary key, total numeric not null, note varchar(20) default 'none');
    create table items (id serial primary key, orders int not null references orders, name text unique default 'x');
    create table tags (name text primary key)";

#[tokio::test]
async fn the_same_tables_get_the_same_rows() {
    let Some(mut first) = Fixture::new("same-a", SHOP).await else { return };
    let Some(mut second) = Fixture::new("same-b", SHOP).await else { return };
    assert_eq!(first.seed().await, second.seed().await);
    let digests = |observed: Observation| -> Vec<_> {
        observed.tables.into_iter().map(|(id, table)| (id, table.rows, table.columns)).collect()
    };
    let (a, b) = (digests(first.observe().await), digests(second.observe().await));
    assert_eq!(a, b);
    assert!(a.iter().all(|(_, rows, _)| *rows >= 3));
    first.close().await;
    second.close().await;
}

#[tokio::test]
async fn what_a_candidate_does_to_rows_is_seen() {
    let Some(mut fixture) = Fixture::new("observed", SHOP).await else { return };
    fixture.seed().await;
    let before = fixture.observe().await;
    fixture.run("alter table orders alter note type text; alter table tags rename to labels; alter table labels rename name to label; create index on items (name)").await;
    let after = fixture.observe().await;
    let column = |name: &str, column: &str| table(name).member(Kind::Column, column);
    let names: Names =
        [(table("tags"), table("labels")), (column("tags", "name"), column("labels", "label"))].into();
    let pair = Pair { from: &before, to: &after };
    assert!(rewritten(pair, &names).is_empty() && lost_rows(pair, &names).is_empty());
    assert!(changed_values(pair, &names).is_empty());

    fixture
        .run("alter table orders alter total type text; alter table orders alter total type numeric using 1")
        .await;
    fixture
        .run("delete from items where id = 1; update labels set label = label || '!' where label = 'v2'")
        .await;
    let after = fixture.observe().await;
    let pair = Pair { from: &before, to: &after };
    assert_eq!(rewritten(pair, &names), [table("orders")].into());
    assert_eq!(lost_rows(pair, &names), [(table("items"), 1)].into());
    let changed = changed_values(pair, &names);
    assert!(
        changed.contains(&column("orders", "total")) && changed.contains(&column("labels", "label")),
        "{changed:?}"
    );
    assert!(!changed.contains(&column("orders", "id")) && !changed.contains(&column("orders", "note")));
    fixture.close().await;
}

#[tokio::test]
async fn an_insert_through_defaults_leaves_nothing_and_finds_a_lost_position() {
    let Some(mut fixture) = Fixture::new("defaults", SHOP).await else { return };
    fixture.seed().await;
    let before = fixture.observe().await;
    for _ in 0..2 {
        let tried = fixture.defaults().await;
        assert!(tried.len() == 3 && tried.values().all(Result::is_ok), "{tried:?}");
    }
    assert_eq!(fixture.observe().await, before);
    assert_eq!(fixture.one("select last_value::text from orders_id_seq").await, "3");

    fixture.run("alter table orders alter id restart; create function no() returns trigger language plpgsql as $$ begin raise 'not today'; end $$; create trigger no before insert on tags for each row execute function no()").await;
    let tried = fixture.defaults().await;
    let error = |name: &str| tried[&table(name)].clone().err();
    assert_eq!(error("items"), None);
    assert_eq!(error("tags").as_deref(), Some("not today"));
    let lost = "duplicate key value violates unique constraint \"orders_pkey\"";
    assert_eq!(error("orders").as_deref(), Some(lost));
    fixture.close().await;
}

#[tokio::test]
async fn a_budget_is_kept_and_said() {
    let sql = "create function slow(i int) returns bool language plpgsql immutable as 'begin perform pg_sleep(3600); return true; end';
        create table quick (id int); create table stuck (id int, check (slow(id)))";
    let Some(mut fixture) = Fixture::new("budget", sql).await else { return };
    let budget = Duration::from_millis(900);
    let seeded = seed(&mut fixture.session, &fixture.catalog, budget).await.expect("seeded");
    assert_eq!(seeded.unseeded.keys().collect::<Vec<_>>(), [&table("stuck")]);
    let zero = seed(&mut fixture.session, &fixture.catalog, Duration::ZERO).await.expect("seeded");
    assert_eq!(zero.unseeded[&table("quick")], "no time was left");
    fixture.close().await;
}
