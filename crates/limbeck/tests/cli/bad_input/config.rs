//! `limbeck.toml` with mistakes, and variables that are not set: exit code 2, with the place.

use crate::project::Project;

#[test]
fn a_mistake_in_the_configuration_has_its_place() {
    let project = Project::new("config");
    for (text, place, words) in [
        ("[migrations\n", "limbeck.toml:1:12", "unclosed table"),
        ("[migratoins]\n", "limbeck.toml:1:2", "did you mean `migrations`?"),
        ("[migrations]\nversion_tabel = 'x'\n", "limbeck.toml:2:1", "did you mean `version_table`?"),
        ("[migrations]\nlock_retries = 'x'\n", "limbeck.toml:2:16", "expected u32"),
        ("[migrations]\ndirectory = []\n", "limbeck.toml:2:13", "a folder, or a list of folders"),
        ("[migrations]\nversion_table = 'x'\n", "limbeck.toml:2:1", "must begin with `limbeck_`"),
        ("[migrations]\ntimezone = 'Nowhere/X'\n", "limbeck.toml:2:1", "a name of the time zone database"),
        ("[database]\nprot = 1\n", "limbeck.toml:2:1", "did you mean `port`?"),
    ] {
        project.write("limbeck.toml", text);
        let said = project.refused(2, &["revision", "-m", "x"]);
        assert!(said.contains(place) && said.contains(words), "{place} {words}: {said}");
        assert_eq!(project.files("migrations"), [""; 0], "a revision was written");
    }
    std::fs::write(project.path().join("limbeck.toml"), b"[models]\n# \xff\n").unwrap();
    let said = project.refused(2, &["heads"]);
    assert!(said.contains("limbeck.toml") && said.contains("UTF-8"), "{said}");
}

#[test]
fn variables_that_are_not_set_are_named_with_their_place() {
    let project = Project::new("variables");
    for (text, place, words) in [
        ("[database]\nurl = '${LIMBECK_T_NO}'\n", "limbeck.toml:2:8", "LIMBECK_T_NO, which is not set"),
        (
            "[database]\nurl = 'postgres://u:${LIMBECK_T_NO}@h/d'\n",
            "limbeck.toml:2:21",
            "`${LIMBECK_T_NO:-default}`",
        ),
        ("[env.p]\n[database]\nhost = 'a${LIMBECK_T_NO'\n", "limbeck.toml:3:9", "has no `}`"),
    ] {
        project.write("limbeck.toml", text);
        let said = project.refused(2, &["current"]);
        assert!(said.contains(place) && said.contains(words), "{place} {words}: {said}");
    }
}
