//! `check` that remembers: nothing is read while neither side has changed, and every change of either is seen.

use limbeck_scratch::provider::Database;

use crate::project::Project;
use crate::server::{server, server_alone, url};

const SCHEMA: &str = "create table items (id integer primary key, name text not null, \
     constraint named check (name <> ''));
create view named_items as select name from items;
comment on table items is 'Things';";

/// What `-v` says of a check that read nothing.
const REMEMBERED: &str = "neither the models nor the database have changed";

/// A project whose models were pulled from a database, and a check that is remembered.
struct Remembered {
    project: Project,
    database: Database,
}

impl Remembered {
    #[track_caller]
    fn check(&self, code: i32, remembered: bool) {
        let ran = self.project.run_on(&url(&self.database), &["check", "-v"]);
        assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
        assert_eq!(ran.err.contains(REMEMBERED), remembered, "{}", ran.err);
    }

    async fn run(&self, sql: &str) {
        self.database.run(sql).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_is_remembered_until_something_changes() {
    let project = Project::new("agreed");
    let scratch = server_alone(&project).await;
    let database = scratch.database().await.unwrap();
    database.run(SCHEMA).await.unwrap();
    project.ok_on(&url(&database), &["pull"]);
    let here = Remembered { project, database };
    here.check(0, false);
    here.check(0, true);
    // Rows are none of its business.
    here.run("insert into items values (1, 'a'); analyze").await;
    here.check(0, true);
    for (there, back) in [
        ("comment on table items is 'Others'", "comment on table items is 'Things'"),
        ("alter table items rename name to title", "alter table items rename title to name"),
        (
            "drop view named_items; create view named_items as select name || '' as name from items",
            "drop view named_items; create view named_items as select name from items",
        ),
    ] {
        here.run(there).await;
        here.check(1, false);
        here.run(back).await;
        here.check(0, false);
        here.check(0, true);
    }
    // Another text with the same objects is another key; so is another configuration.
    let path = "models/public/items.yaml";
    let text = here.project.read(path);
    here.project.write(path, &format!("{text}\n# nothing\n"));
    here.check(0, false);
    here.project.write(path, &text.replace("Things", "Others"));
    here.check(1, false);
    here.project.write(path, &text);
    here.check(0, true);
    here.project
        .write("limbeck.toml", &(here.project.read("limbeck.toml") + "\n[compare]\nexclude = [\"x\"]\n"));
    here.check(0, false);
    // Drift is looked for in what is read, and so are pending revisions.
    let drift = here.project.run_on(&url(&here.database), &["check", "-v", "--drift"]);
    assert!(!drift.err.contains(REMEMBERED), "{}", drift.err);
    here.project.revision("aa");
    here.check(1, false);
    here.database.drop().await.unwrap();
    scratch.close().await.unwrap();
}

/// Each user's answer is kept beside the others': they may have another `search_path`.
#[tokio::test(flavor = "multi_thread")]
async fn two_users_of_a_project_do_not_forget_for_each_other() {
    let project = Project::new("agreed-users");
    let scratch = server_alone(&project).await;
    let database = scratch.database().await.unwrap();
    database.run(SCHEMA).await.unwrap();
    database.run("create role second login").await.unwrap();
    let at = url(&database);
    let other = at.replace("postgres@", "second@");
    project.ok_on(&at, &["pull"]);
    for (address, remembered) in [(&at, false), (&other, false), (&at, true), (&other, true)] {
        let ran = project.ok_on(address, &["check", "-v"]);
        assert_eq!(ran.err.contains(REMEMBERED), remembered, "{}", ran.err);
    }
    database.drop().await.unwrap();
    scratch.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_beside_the_answer_is_said_again() {
    let scratch = server().await;
    let database = scratch.database().await.unwrap();
    database.run(SCHEMA).await.unwrap();
    database.run("create table parted (n integer) partition by range (n)").await.unwrap();
    let project = Project::new("agreed-beside");
    let address = url(&database);
    project.ok_on(&address, &["pull"]);
    for format in ["human", "json"] {
        project.write("models/more.yaml", &format!("# {format}\n"));
        let first = project.ok_on(&address, &["check", "--format", format]);
        let again = project.ok_on(&address, &["check", "--format", format]);
        assert!((first.out.clone() + &first.err).contains("parted"), "{}{}", first.out, first.err);
        assert_eq!((first.out, first.err), (again.out, again.err));
    }
    // Mistakes come before anything that is wrong with the database.
    project.write("models/more.yaml", "tables: [\n");
    assert_eq!(project.run_on("postgres://nobody@127.0.0.1:1/nothing", &["check"]).code, 3);
    database.drop().await.unwrap();
    scratch.close().await.unwrap();
}
