//! A slice and the whole give the same candidate: the demo's shop, with one change at a time.
//!
//! Without server binaries on this machine there is nothing to test; then the test says so.

use limbeck_catalog::{Catalog, Kind};
use limbeck_diff::rename::Declared;
use limbeck_diff::{candidate, parts};
use limbeck_introspect::introspect;
use limbeck_scratch::cache::Cache;
use limbeck_scratch::compare::{Comparison, compare};
use limbeck_scratch::provider::{Places, Scratch, Wanted, candidates, open};
use sqlx::Connection as _;

const SHOP: &str = include_str!("../../../demo/shop.sql");

/// What changes, and the statements of the shop that say so.
const CHANGES: &[(&str, &[(&str, &str)])] = &[
    (
        "a column's type, below views",
        &[("  quantity integer not null default 1,", "  quantity bigint not null default 1,")],
    ),
    ("a column goes", &[("  fax varchar(20),\n", "")]),
    ("a column under another name", &[("  tracking_code text,", "  tracking text,")]),
    ("a value of an enum", &[("'delivered', 'cancelled')", "'delivered', 'returned', 'cancelled')")]),
    ("the check of a domain", &[("check (value >= 0);", "check (value > -1);")]),
    ("a function that a generated column calls", &[("'[^a-z0-9]+', '-', 'g'", "'[^a-z0-9]+', '_', 'g'")]),
    ("a function that triggers run", &[("new.updated_at := now();", "new.updated_at := clock_timestamp();")]),
    (
        "a view that others read",
        &[("sum(i.quantity) as pieces", "sum(i.quantity) as pieces, max(i.line) as lines")],
    ),
    (
        "a unique that nothing points at",
        &[("  sku varchar(12) not null unique,", "  sku varchar(12) not null,")],
    ),
    (
        "where a foreign key points",
        &[("carrier_id smallint not null references carriers (id)", "carrier_id smallint not null")],
    ),
    (
        "tables that come and go",
        &[
            (
                "create table vouchers (",
                "create table coupons (\n  code text primary key,\n  order_id bigint references orders (id)\n);\ncreate table vouchers (",
            ),
            (
                "create table wishlists (\n  customer_id bigint not null references customers (id) on delete cascade,\n  product_id bigint not null references products (id) on delete cascade,\n  added_at timestamptz not null default now(),\n  primary key (customer_id, product_id)\n);\n",
                "",
            ),
        ],
    ),
    (
        "a rule and a policy",
        &[("do instead nothing", "do instead notify audit"), ("true), '')::bigint", "true), '0')::bigint")],
    ),
];

#[tokio::test]
async fn a_slice_gives_the_candidate_of_the_whole() {
    let places = Places::from_env();
    if candidates(&places).is_empty() {
        eprintln!("no server binaries on this machine: nothing is tested");
        return;
    }
    let scratch = open(&Wanted { places, ..Wanted::default() }).await.expect("scratch");
    let (schema, _rows) = SHOP.split_once("-- Rows.").expect("rows come last");
    let live = made(&scratch, schema).await;
    for (words, edits) in CHANGES {
        let mut edited = schema.to_owned();
        for (old, new) in *edits {
            assert!(edited.contains(old), "{words}: the shop has no {old:?}");
            edited = edited.replace(old, new);
        }
        let declared = as_models(made(&scratch, &edited).await);
        let whole = compared(&scratch, &live, &declared, usize::MAX).await;
        let slice = compared(&scratch, &live, &declared, 0).await;
        assert_eq!(whole.extent.settled, whole.extent.of, "{words}");
        assert!(slice.extent.settled < slice.extent.of, "{words}: {:?}", slice.extent);
        assert!(!texts(&whole).is_empty(), "{words}: nothing changes");
        assert_eq!(texts(&slice), texts(&whole), "{words}");
        for comparison in [whole, slice] {
            comparison.replica.expect("the shop can be built").drop().await.expect("dropped");
        }
    }
    scratch.close().await.expect("closed");
}

/// A database as a script makes it.
async fn made(scratch: &Scratch, script: &str) -> Catalog {
    let database = scratch.database().await.expect("a database");
    database.run(script).await.expect("the script runs");
    let mut connection = database.connect().await.expect("a session");
    let snapshot = introspect(&mut connection).await.expect("introspected");
    connection.close().await.expect("closed");
    database.drop().await.expect("dropped");
    snapshot.catalog
}

/// What models say of a database: neither dependencies nor figures nor rights.
fn as_models(read: Catalog) -> Catalog {
    let mut declared = Catalog { objects: read.objects, positions: read.positions, ..Catalog::default() };
    declared.objects.retain(|id, _| !matches!(id.kind, Kind::Rights | Kind::Context));
    declared
}

async fn compared(scratch: &Scratch, live: &Catalog, declared: &Catalog, whole_below: usize) -> Comparison {
    let done = compare(scratch, live, declared, &Declared::default(), &Cache::none(), whole_below).await;
    done.expect("compared")
}

/// Both directions, as they would be written.
fn texts(comparison: &Comparison) -> Vec<String> {
    let candidate = candidate(comparison.sides(), &comparison.renames).expect("an order");
    [parts(&candidate.upgrade), parts(&candidate.downgrade)]
        .concat()
        .into_iter()
        .map(|part| part.sql)
        .collect()
}
