//! What a pull does to models that are there: it keeps links and modes, leaves other schemas alone, and takes
//! nothing away wholesale.

use crate::project::Project;
use crate::server::{server, url};

const EMPTIED: &str = "the models in models would become empty: ";

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_would_empty_the_models_is_refused() {
    let server = server().await;
    let (empty, other) = (server.database().await.unwrap(), server.database().await.unwrap());
    other.run("create table a (); create table b (); create table z ()").await.unwrap();
    let project = Project::new("emptied");
    let model = |name: &str| format!("tables: {{ {name}: {{ columns: {{ id: int }} }} }}\n");
    ["a", "b"].iter().for_each(|name| project.write(&format!("models/{name}.yaml"), &model(name)));
    let before = crate::bad_input::files(&project);
    let refused = |url: &str, args: &[&str], words: &str| {
        let ran = project.run_on(url, args);
        assert_eq!(ran.code, 5, "{args:?}: {}{}", ran.out, ran.err);
        for words in [words, "no model was changed", "`--models DIR`", "`allow_mass_drop = true`"] {
            assert!(ran.err.contains(words), "{words:?} is not in\n{}", ran.err);
        }
    };
    refused(&url(&empty), &["pull"], &format!("{EMPTIED}the database holds nothing"));
    refused(&url(&empty), &["pull", "-d", "ephemeral"], &format!("{EMPTIED}what the revisions make"));
    assert!(crate::bad_input::files(&project) == before, "models changed");
    // Another database than the one that is meant has some tables of the same name.
    ["c", "d", "e"].iter().for_each(|name| project.write(&format!("models/{name}.yaml"), &model(name)));
    let before = crate::bad_input::files(&project);
    refused(&url(&other), &["pull"], "would lose 3 of their 5 tables");
    assert!(crate::bad_input::files(&project) == before, "models changed");
    project.ok_on(&url(&empty), &["pull", "--models", "elsewhere"]);
    project.write("limbeck.toml", "[safety]\nallow_mass_drop = true\n");
    project.ok_on(&url(&other), &["pull"]);
    assert!(!project.path().join("models/c.yaml").exists());
    project.ok_on(&url(&other), &["check"]);
    server.close().await.unwrap();
}

#[test]
fn models_are_no_source_of_themselves() {
    let project = Project::new("itself");
    project.write("models/a.yaml", "tables: {}\n");
    for source in ["models", "./models"] {
        let said = project.refused(2, &["pull", "--from", source]);
        assert!(said.contains("can't be what it reads"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_schemas_that_are_asked_for_change() {
    let server = server().await;
    let database = server.database().await.unwrap();
    database.run("create schema app; create table t (a int); create table app.u (a int)").await.unwrap();
    let project = Project::new("schemas");
    project.ok_on(&url(&database), &["pull", "--schema", "app"]);
    assert_eq!(project.files("models"), ["app", "model.schema.json"]);
    project.ok_on(&url(&database), &["pull"]);
    let kept = project.read("models/public/t.yaml");
    database.run("alter table t add b int; alter table app.u add b int").await.unwrap();
    project.ok_on(&url(&database), &["pull", "--schema", "app"]);
    assert_eq!(project.read("models/public/t.yaml"), kept);
    assert!(project.read("models/app/u.yaml").contains("b: integer"));
    server.close().await.unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_stays_a_link_and_a_mode_stays() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let server = server().await;
    let database = server.database().await.unwrap();
    database.run("create table t (a int); create table u (a int)").await.unwrap();
    let project = Project::new("linked");
    project.ok_on(&url(&database), &["pull"]);
    let path = |name: &str| project.path().join(name);
    std::fs::create_dir(path("shared")).unwrap();
    std::fs::rename(path("models/public/t.yaml"), path("shared/t.yaml")).unwrap();
    symlink("../../shared/t.yaml", path("models/public/t.yaml")).unwrap();
    std::fs::set_permissions(path("models/public/u.yaml"), std::fs::Permissions::from_mode(0o600)).unwrap();
    database.run("alter table t add b int; alter table u add b int").await.unwrap();
    project.ok_on(&url(&database), &["pull"]);
    assert!(path("models/public/t.yaml").is_symlink());
    assert!(project.read("shared/t.yaml").contains("b: integer"));
    assert_eq!(project.files("shared"), ["t.yaml"]);
    assert!(project.read("models/public/u.yaml").contains("b: integer"));
    let mode = path("models/public/u.yaml").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    server.close().await.unwrap();
}
