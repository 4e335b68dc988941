//! What people read while runs go on beside each other.

use crate::world::{World, ended};
use crate::{Server, Test};

pub(crate) const TESTS: &[Test] = &[
    ("ten_processes_at_once_run_once", Server::Shared, ten_processes_at_once_run_once),
    (
        "notices_are_shown_with_their_level_and_once",
        Server::Shared,
        notices_are_shown_with_their_level_and_once,
    ),
    ("who_has_the_lock_is_said", Server::Shared, who_has_the_lock_is_said),
    (
        "a_wait_for_a_run_has_the_end_that_is_configured",
        Server::Shared,
        a_wait_for_a_run_has_the_end_that_is_configured,
    ),
];

fn ten_processes_at_once_run_once(world: &World) {
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\ncreate table a (id int); select pg_sleep(1);\n\
         -- limbeck:upgrade no-transaction\ncreate index concurrently a_i on a (id);\n",
    );
    world.write("bbb", "aaa", "-- limbeck:upgrade\ncreate table b ();\n");
    let all: Vec<_> = (0..10).map(|_| world.spawn(&["upgrade", "head"])).collect();
    let all: Vec<_> = all.into_iter().map(|child| ended(child.wait_with_output())).collect();
    assert!(all.iter().all(|ran| ran.code == Some(0)), "{all:#?}");
    assert_eq!(all.iter().filter(|ran| ran.out.contains("upgraded")).count(), 1, "{all:#?}");
    assert_eq!(all.iter().filter(|ran| ran.err.contains("nothing to upgrade")).count(), 9, "{all:#?}");
    let waited =
        all.iter().filter(|ran| ran.err.contains("waiting for another run on this database")).count();
    assert!(waited > 0, "{all:#?}");
}

fn notices_are_shown_with_their_level_and_once(world: &World) {
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade\ndo $$ begin raise notice 'all %', E'rows\\x1b[2J'; raise warning 'be careful'; \
         raise info 'for you'; end $$;\n",
    );
    let ran = world.limbeck(&["upgrade", "head"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for (words, times) in [
        ("notice of the server: all rows", 1),
        ("warning of the server: be careful", 1),
        ("info of the server: for you", 1),
        ("\x1b[2J", 0),
    ] {
        assert_eq!(ran.err.matches(words).count(), times, "{words}: {}", ran.err);
    }
}

fn who_has_the_lock_is_said(world: &World) {
    world.run("create table a (id int)");
    world.configure("lock_timeout = '2s'\nlock_retries = 0");
    world.write("aaa", "", "-- limbeck:upgrade\nalter table a add b int;\n");
    let mut other = world.session();
    world.run_in(&mut other, "set application_name = 'the shop'; begin; select count(*) from a");
    let ran = world.limbeck(&["upgrade", "head"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    // Lines may end within the message.
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("it waited for process")
            && said.contains("the shop, user postgres, from 127.0.0.1, idle in transaction for"),
        "{said}"
    );
}

fn a_wait_for_a_run_has_the_end_that_is_configured(world: &World) {
    world.configure("run_lock_timeout = '300ms'");
    world.write("aaa", "", "-- limbeck:upgrade\nselect pg_sleep(4);\n");
    let first = world.spawn(&["upgrade", "head"]);
    world.until_asleep(true);
    let second = world.limbeck(&["upgrade", "head"]);
    assert_eq!(second.code, Some(4), "{second:?}");
    let said = second.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("another run on this database did not end within")
            && said.contains("limbeck upgrade aaa"),
        "{said}"
    );
    assert_eq!(ended(first.wait_with_output()).code, Some(0));
    world.configure("run_lock_timeout = 'soon'");
    assert_eq!(world.limbeck(&["upgrade", "head"]).code, Some(2));
}
