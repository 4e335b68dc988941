//! `limbeck.toml` with mistakes, and variables that are not set: exit code 2, with the place.

use crate::project::Project;
use crate::server::{server, url};

#[test]
fn a_mistake_in_the_configuration_has_its_place() {
    let project = Project::new("config");
    for (text, place, words) in [
        ("[migrations\n", "limbeck.toml:1:12", "unclosed table"),
        ("[migratoins]\n", "limbeck.toml:1:2", "did you mean `migrations`?"),
        ("[migrations]\nversion_tabel = 'x'\n", "limbeck.toml:2:1", "did you mean `version_table`?"),
        ("[migrations]\nlock_retries = 'x'\n", "limbeck.toml:2:16", "expected u32"),
        ("[migrations]\ndirectory = []\n", "limbeck.toml:2:13", "a folder, or a list of folders"),
        ("[migrations]\nversion_table = 'x'\n", "limbeck.toml:2:17", "must begin with `limbeck_`"),
        ("[migrations]\ntimezone = 'Nowhere/X'\n", "limbeck.toml:2:12", "a name of the time zone database"),
        (
            "[migrations]\nfile_template = '../../x'\n",
            "limbeck.toml:2:17",
            "leads out of the migrations folder",
        ),
        ("[database]\nprot = 1\n", "limbeck.toml:2:1", "did you mean `port`?"),
    ] {
        project.write("limbeck.toml", text);
        let said = project.refused(2, &["revision", "-m", "x"]);
        assert!(said.contains(place) && said.contains(words), "{place} {words}: {said}");
        assert_eq!(project.files("migrations"), [""; 0], "a revision was written");
    }
    let config = project.path().join("limbeck.toml");
    std::fs::write(&config, b"[models]\n# \xff\n").unwrap();
    let said = project.refused(2, &["heads"]);
    assert!(said.contains("limbeck.toml:2:3") && said.contains("not UTF-8"), "{said}");
    std::fs::remove_file(&config).unwrap();
    std::fs::create_dir(&config).unwrap();
    for args in [&["heads"][..], &["heads", "-c", "models"]] {
        let said = project.refused(2, args);
        assert!(said.contains("is a folder, and no configuration"), "{said}");
    }
}

/// What the database would be asked with: nobody is asked.
#[test]
fn a_value_that_can_not_be_meant_is_said_before_anybody_connects() {
    let nobody = [("DATABASE_URL", "postgres://127.0.0.1:1/x")];
    let project = Project::new("values");
    project.revision("f001");
    project.write("models/a.yaml", "tables: {}\n");
    let (upgrade, check) = (&["upgrade", "head"][..], &["check", "-d", "ephemeral"][..]);
    let env = &["current", "-e", "e"][..];
    for (text, args, place, words) in [
        ("[migrations]\nlock_timeout = '5 parsecs'\n", upgrade, "2:16", "is no time"),
        ("[migrations]\nstatement_timeout = ''\n", upgrade, "2:21", "is no time"),
        ("[migrations]\nrun_lock_timeout = 'x'\n", upgrade, "2:20", "is no time"),
        ("[migrations.session]\n'a b' = 'x'\n", upgrade, "2:9", "can't be the name of a setting"),
        ("# port, env\n[env.e]\nport = '99999'\n", env, "3:8", "\"99999\" is no port"),
        ("[env]\ne = { host = 'h', sslmode = 'bogus' }\n", env, "2:29", "\"bogus\" is no sslmode"),
        ("[env.e]\nurl = 'postgres://h/d?x=1'\n", env, "2:7", "unknown parameter"),
        ("[migrations]\ndirectory = ['none']\n", upgrade, "2:13", "the migrations folder none is not there"),
        ("[models]\ndirectory = 'none'\n", check, "2:13", "the models folder none is not there"),
        ("# provider\n[scratch]\nprovider = 'x'\n", check, "3:12", "one of auto, native"),
    ] {
        project.write("limbeck.toml", text);
        let ran = project.run_with(args, &nobody);
        assert_eq!(ran.code, 2, "{text}: {}", ran.err);
        assert!(ran.err.contains(&format!("limbeck.toml:{place}")), "{place}: {}", ran.err);
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
}

/// Which settings there are, and what they may be, the server knows alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_the_server_refuses_has_its_place() {
    let server = server().await;
    let database = server.database().await.unwrap();
    let project = Project::new("session");
    project.revision("f001");
    for (text, place) in [("work_mem = 'much'", "2:12"), ("nosuch = '1'", "2:10")] {
        project.write("limbeck.toml", &format!("[migrations.session]\n{text}\n"));
        let ran = project.run_on(&url(&database), &["upgrade", "head"]);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains(&format!("limbeck.toml:{place}")), "{place}: {}", ran.err);
    }
    server.close().await.unwrap();
}

#[test]
fn variables_that_are_not_set_are_named_with_their_place() {
    let project = Project::new("variables");
    for (text, place, words) in [
        (
            "# url = '${LIMBECK_T_NO}'\n[database]\nurl = '${LIMBECK_T_NO}'\n",
            "limbeck.toml:3:8",
            "LIMBECK_T_NO, which is not set",
        ),
        ("[database]\nurl = '${LIMBECK_T_NO}'\n", "limbeck.toml:2:8", "LIMBECK_T_NO, which is not set"),
        (
            "[database]\nurl = 'postgres://u:${LIMBECK_T_NO}@h/d'\n",
            "limbeck.toml:2:21",
            "`${LIMBECK_T_NO:-default}`",
        ),
        ("[env.p]\n[database]\nhost = 'a${LIMBECK_T_NO'\n", "limbeck.toml:3:10", "has no `}`"),
    ] {
        project.write("limbeck.toml", text);
        let said = project.refused(2, &["current"]);
        assert!(said.contains(place) && said.contains(words), "{place} {words}: {said}");
    }
}
