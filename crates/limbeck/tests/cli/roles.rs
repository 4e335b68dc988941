//! Roles belong to servers: revisions that make them run again and again on scratch, nothing of them stays there,
//! and on a server of somebody's none is made.

use limbeck_scratch::provider::Scratch;
use sqlx::{ConnectOptions as _, Row as _};

use crate::project::Project;
use crate::server::{server, url};

/// A project of one revision, and models that agree with it.
fn project(name: &str, up: &str, down: &str) -> Project {
    let project = Project::new(name);
    let up = format!("create table a (id int primary key);\n{up}");
    project.write(
        "migrations/f001.sql",
        &format!("-- limbeck:revision f001\n\n-- limbeck:upgrade\n{up}\n\n-- limbeck:downgrade\ndrop table a;\n{down}\n"),
    );
    project.write("models/a.yaml", "tables:\n  a:\n    columns: { id: int }\n    primary_key: [id]\n");
    project
}

/// Whether the server that tests and runs share has such roles.
async fn has_role(server: &Scratch, name: &str) -> bool {
    let database = server.database().await.unwrap();
    let mut session = database.options().connect().await.unwrap();
    let sql = sqlx::AssertSqlSafe(format!("select count(*) from pg_roles where rolname = '{name}'"));
    let count: i64 = sqlx::raw_sql(sql).fetch_one(&mut session).await.unwrap().get(0);
    drop(session);
    database.drop().await.unwrap();
    count > 0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_that_makes_a_role_runs_again_and_again() {
    let role = format!("limbeck_app_{}", std::process::id());
    let project = project(
        "roles",
        &format!(
            "create role {role} login; grant select on a to {role}; alter role {role} set work_mem = '1MB';"
        ),
        &format!("drop role {role};"),
    );
    for _ in 0..2 {
        project.ok(&["check"]);
        project.ok(&["prove"]);
        project.ok(&["prove", "--whole"]);
        let ran = project.run(&["-d", "ephemeral", "upgrade", "head", "--dry-run"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    // Another project that makes the same role, at the same time.
    let other = self::project("roles-other", &format!("create role {role};"), &format!("drop role {role};"));
    std::thread::scope(|scope| {
        for project in [&project, &other, &project, &other] {
            scope.spawn(|| project.ok(&["check"]));
        }
    });
    let server = server().await;
    assert!(!has_role(&server, &role).await);
    server.close().await.unwrap();
}

/// It goes with the last run that is there, so each here has one of its own to miss.
#[test]
fn a_role_that_is_missing_stands_in() {
    for (index, args) in [&["check"][..], &["prove"], &["prove", "--whole"]].iter().enumerate() {
        let role = format!("limbeck_reader_{index}_{}", std::process::id());
        let project =
            project(&format!("roles-missing-{index}"), &format!("grant select on a to {role};"), "");
        let ran = project.run(args);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(ran.err.contains(&format!("role {role} stands in on scratch")), "{}", ran.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_server_of_somebodys_no_role_is_made() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let role = format!("limbeck_theirs_{}", std::process::id());
    let cases = [
        (format!("grant select on a to {role};"), 3, "limbeck makes roles on its own servers alone"),
        (format!("create role {role};"), 2, "f001.sql:5"),
        (format!("do $$ begin create role {role}; end $$;"), 2, "f001.sql:5"),
    ];
    for (index, (up, code, words)) in cases.iter().enumerate() {
        let project = project(&format!("roles-url-{index}"), up, "");
        let config = project.read("limbeck.toml");
        project.write("limbeck.toml", &format!("{config}\n[scratch]\nurl = \"{}\"\n", url(&database)));
        let said = project.refused(*code, &["check"]);
        assert!(said.contains(words) && said.contains("leave [scratch] to limbeck"), "{said}");
        let ran = project.run(&["prove", "--whole"]);
        assert!(ran.code != 0 && ran.err.contains(words), "{}{}", ran.out, ran.err);
        assert!(!has_role(&server, &role).await, "{up}");
    }
    database.drop().await.unwrap();
    server.close().await.unwrap();
}

#[test]
fn revisions_that_make_roles_are_not_tried_in_several_databases() {
    let role = format!("limbeck_several_{}", std::process::id());
    let (up, down) = (format!("create role {role};"), format!("drop role {role};"));
    let project = project("roles-several", &up, &down);
    let said = project.refused(2, &["prove", "--chain", "-d", "ephemeral"]);
    assert!(said.contains("f001.sql:5") && said.contains("in several databases"), "{said}");
}
