//! A harness for databases that are there: seeds each one that `LIMBECK_SEED_URLS` names (separated by
//! blanks) and says how many tables got rows. Without the variable there is nothing to do.

use std::time::{Duration, Instant};

use limbeck_introspect::introspect;
use limbeck_scratch::observe::{insert_through_defaults, observe};
use limbeck_scratch::seed::seed;
use sqlx::{Connection as _, PgConnection};

#[tokio::test]
async fn databases_that_are_named_get_rows() {
    let Ok(urls) = std::env::var("LIMBECK_SEED_URLS") else { return };
    for url in urls.split_whitespace() {
        let mut session = PgConnection::connect(url).await.expect("a session");
        let catalog = introspect(&mut session).await.expect("a catalog").catalog;
        let start = Instant::now();
        let seeded = seed(&mut session, &catalog, Duration::from_secs(60)).await.expect("seeded");
        let took = start.elapsed();
        let observed = observe(&mut session, &catalog).await.expect("observed");
        let looked = start.elapsed() - took;
        let defaults = insert_through_defaults(&mut session, &catalog).await.expect("tried");
        let tables = observed.tables.len();
        let filled = observed.tables.values().filter(|t| t.rows >= 2).count();
        let counted: u64 = observed.tables.values().map(|t| t.rows).sum();
        assert!(counted >= seeded.rows as u64, "{url}");
        let worked = defaults.values().filter(|r| r.is_ok()).count();
        let name = url.rsplit('/').next().unwrap_or_default();
        println!(
            "{name}: {filled}/{tables}, {} rows, {took:?}, observed {looked:?}, defaults {worked} {:?}",
            seeded.rows,
            start.elapsed() - looked - took
        );
        for (id, why) in &seeded.unseeded {
            println!("  {id}: {why}");
        }
        for (id, why) in
            defaults.iter().filter_map(|(id, r)| r.as_ref().err().map(|refused| (id, &refused.why)))
        {
            println!("  default {id}: {why}");
        }
        session.close().await.ok();
    }
}
