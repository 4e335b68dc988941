//! Runs whose process, or whose server, is killed.

use crate::world::{SLEEPING, World, ended, signal};
use crate::{Server, Test};

pub(crate) const TESTS: &[Test] = &[
    ("a_tool_that_is_killed_leaves_old_or_new", Server::Shared, a_tool_that_is_killed_leaves_old_or_new),
    ("an_index_goes_on_without_its_tool", Server::Shared, an_index_goes_on_without_its_tool),
    ("a_server_that_crashes_is_said", Server::Own, a_server_that_crashes_is_said),
    ("a_backend_that_is_killed_is_said", Server::Own, a_backend_that_is_killed_is_said),
    ("a_standby_is_said", Server::Own, a_standby_is_said),
];

fn a_tool_that_is_killed_leaves_old_or_new(world: &World) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\nselect pg_sleep(1);\n");
    let child = world.spawn(&["upgrade", "head"]);
    world.until_asleep(true);
    signal(&child, "KILL");
    assert_eq!(ended(child.wait_with_output()).code, None);
    // The server notices that the client is gone when the statement is over.
    let next = world.limbeck(&["upgrade", "head"]);
    assert_eq!(next.code, Some(0), "{next:?}");
    assert!(world.has("a"));
    assert_eq!(world.ask("select string_agg(state, ',') from limbeck_version"), "applied");
}

fn an_index_goes_on_without_its_tool(world: &World) {
    world.run("create table t (id int)");
    world.write(
        "aaa",
        "",
        "-- limbeck:upgrade no-transaction\ncreate index concurrently t_i on t (id);\n\
         -- limbeck:upgrade\ncreate table after ();\n",
    );
    // The index waits for this transaction.
    let mut other = world.session();
    world.run_in(&mut other, "begin; lock table t in row exclusive mode");
    let child = world.spawn(&["upgrade", "head"]);
    world.until(
        "select count(*) > 0 from pg_stat_activity where query like '%create index concurrently%' and pid <> pg_backend_pid()",
        "true",
    );
    signal(&child, "KILL");
    ended(child.wait_with_output());
    assert_eq!(world.ask("select state || duration_ms is null from limbeck_version"), "true");
    let next = world.spawn(&["upgrade", "head"]);
    let sessions = "select count(*) > 1 from pg_stat_activity where application_name = 'limbeck' and datname = current_database()";
    world.until(sessions, "true");
    world.run_in(&mut other, "commit");
    let next = ended(next.wait_with_output());
    assert_eq!(next.code, Some(0), "{next:?}");
    assert!(next.err.contains("it happened (index public.t_i is there and valid)"), "{next:?}");
    assert!(world.has("after"));
}

fn a_server_that_crashes_is_said(world: &World) {
    for (part, words) in [("", "all is there or nothing"), (" no-transaction", "it may have happened")] {
        world.write("aaa", "", &format!("-- limbeck:upgrade{part}\nselect pg_sleep(60);\n"));
        let child = world.spawn(&["upgrade", "head"]);
        world.until_asleep(true);
        world.cluster.crash();
        let ran = ended(child.wait_with_output());
        assert_eq!(ran.code, Some(4), "{ran:?}");
        let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            said.contains("the connection ended in the upgrade of revision aaa") && said.contains(words),
            "{said}"
        );
        world.cluster.go_on();
    }
    // What can't be told is asked, and the answer is taken.
    let ran = world.limbeck(&["upgrade", "head"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("--half-done=skip") && ran.err.contains("aaa.sql:5"), "{ran:?}");
    let ran = world.limbeck(&["upgrade", "head", "--half-done=skip"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("taken as done, as asked for"), "{ran:?}");
}

fn a_backend_that_is_killed_is_said(world: &World) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\nselect pg_sleep(60);\n");
    let child = world.spawn(&["upgrade", "head"]);
    world.until_asleep(true);
    let process = world.ask(SLEEPING);
    // The server restarts all of its sessions when one of them dies so.
    assert!(std::process::Command::new("kill").args(["-9", &process]).status().unwrap().success());
    let ran = ended(child.wait_with_output());
    assert_eq!(ran.code, Some(4), "{ran:?}");
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n");
    while world.limbeck(&["current"]).code != Some(0) {}
    assert_eq!(world.limbeck(&["upgrade", "head"]).code, Some(0));
    assert!(world.has("a"));
}

fn a_standby_is_said(world: &World) {
    world.write("aaa", "", "-- limbeck:upgrade\ncreate table a ();\n");
    assert_eq!(world.limbeck(&["upgrade", "head"]).code, Some(0));
    world.write("bbb", "aaa", "-- limbeck:upgrade\ncreate table b ();\n");
    world.cluster.become_standby();
    let ran = world.limbeck(&["upgrade", "head"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.err.contains("standby"), "{ran:?}");
    // What is there already need not be written.
    let ran = world.limbeck(&["upgrade", "aaa"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}
