//! Alembic's commands and options, as far as they need no database.

use crate::project::Project;

/// `f01` with two lines after it, labelled; `d01` begins another line and needs one of them.
fn forked(name: &str) -> Project {
    let project = Project::new(name);
    for line in ["f001", "f011 < f001 label:one", "f021 < f001 label:two", "d001 label:data needs:f011"] {
        project.revision(line);
    }
    project
}

#[test]
fn revisions_are_listed() {
    let project = forked("listed");
    assert!(
        project.ok(&["branches"]).starts_with("<base> -> f001 (branchpoint), about f001\n    -> f011 (one)")
    );
    assert!(project.ok(&["branches", "-v"]).contains("migrations/f021.sql"));
    assert_eq!(project.ok(&["heads"]).lines().count(), 3);
    let effective = project.ok(&["heads", "--resolve-dependencies", "--verbose"]);
    assert!(effective.contains("f021 (two)") && !effective.contains("f011 (one)"), "{effective}");
    assert_eq!(project.ok(&["history"]).lines().count(), 4);
    assert_eq!(project.ok(&["history", "--rev-range", "f001:one@head"]).lines().count(), 2);
    assert!(project.ok(&["history", "-r", ":f001", "-v"]).contains("file: migrations/f001.sql"));
    assert!(project.ok(&["show", "f01"]).contains("-- limbeck:revision f011"));
    assert_eq!(project.ok(&["show", "heads"]).matches("-- limbeck:revision").count(), 3);
}

#[test]
fn alembics_spellings_are_taken() {
    let project = Project::new("spellings");
    assert!(project.ok(&["list_templates"]).starts_with("default - "));
    assert!(
        project
            .ok(&["ensure_version", "--sql"])
            .contains("create table if not exists public.limbeck_version")
    );
    assert!(project.ok(&["--version"]).starts_with("limbeck "));
    // argparse takes a beginning of an option for it, and people write `--auto`.
    assert!(project.refused(5, &["revision", "--auto", "-m", "x"]).contains("no model file"));
    project.configure("[env.prod]\nurl = \"${LIMBECK_T_NOT_SET}\"");
    assert!(project.refused(2, &["-n", "prod", "current"]).contains("LIMBECK_T_NOT_SET"));
    assert!(project.refused(2, &["--name", "prod", "current"]).contains("LIMBECK_T_NOT_SET"));
}

#[test]
fn what_only_python_can_mean_is_refused() {
    let project = Project::new("python");
    for args in [&["--raiseerr", "heads"][..], &["init", "x", "--package"], &["current", "-c"]] {
        assert_eq!(project.run(args).code, 2, "{args:?}");
    }
    for key in ["prepend_sys_path", "sourceless", "output_encoding", "revision_environment"] {
        let project = Project::new(&format!("python-{key}"));
        project.configure(&format!("{key} = \"x\""));
        assert!(project.refused(2, &["heads"]).contains(key), "{key}");
    }
}

#[test]
fn the_configuration_is_found_and_named() {
    let project = Project::new("configuration");
    project.revision("aaa1");
    std::fs::create_dir(project.path().join("deeper")).unwrap();
    let file = project.path().join("limbeck.toml");
    let elsewhere = Project::empty("elsewhere");
    let file = file.to_str().unwrap();
    assert!(elsewhere.ok(&["-c", file, "heads"]).starts_with("aaa1"));
    assert!(elsewhere.ok(&["heads", "--config", file]).starts_with("aaa1"));
    assert!(elsewhere.run_with(&["heads"], &[("LIMBECK_CONFIG", file)]).out.starts_with("aaa1"));
    assert!(elsewhere.refused(2, &["heads"]).contains("limbeck init"));
}

#[test]
fn init_has_templates() {
    let project = Project::empty("templates");
    for line in project.ok(&["list-templates"]).lines() {
        let (name, _) = line.split_once(" - ").unwrap();
        project.ok(&["init", name, "-t", name]);
        let config = format!("{name}/limbeck.toml");
        assert!(project.ok(&["-c", &config, "heads"]).is_empty());
        project.ok(&["-c", &config, "revision", "-m", "first"]);
    }
    project.ok(&["init", "alembics", "--template", "generic"]);
    assert!(project.refused(2, &["init", "more", "-t", "async"]).contains("list-templates"));
    let reviewed = project.files("reviewed/migrations");
    assert!(project.read(&format!("reviewed/migrations/{}", reviewed[0])).contains("-- for ticket (none)\n"));
    assert_eq!(project.run(&["-q", "init", "silent"]).err, "");
}

#[test]
fn revision_takes_every_option() {
    let project = Project::new("revision");
    project.ok(&["revision", "-m", "first", "--rev-id", "aaa1", "--branch-label", "app"]);
    project.ok(&["revision", "--message", "second", "--rev-id", "bbb1", "--head", "app@head"]);
    let refused = project.refused(2, &["revision", "-m", "x", "--head", "aaa1"]);
    assert!(refused.contains("--splice"), "{refused}");
    project.ok(&["revision", "-m", "side", "--rev-id", "ccc1", "--head", "aaa1", "--splice"]);
    project.ok(&[
        "revision",
        "-m",
        "other",
        "--rev-id",
        "ddd1",
        "--head",
        "base",
        "--depends-on",
        "app",
        "--depends-on",
        "bb",
    ]);
    let text = project.ok(&["revision", "--sql", "-m", "printed", "--head", "ddd1", "--rev-id", "eee1"]);
    assert!(text.starts_with("-- limbeck:revision eee1\n-- parents: ddd1\n"), "{text}");
    assert_eq!(project.files("migrations").len(), 4);
    let other = project.ok(&["show", "ddd1"]);
    assert!(other.contains("-- depends-on: app, bbb1\n"), "{other}");
    assert!(project.refused(2, &["revision", "--rev-id", "aaa1", "--head", "ddd1"]).contains("aaa1"));
    assert!(
        project
            .refused(2, &["revision", "--branch-label", "app", "--head", "ddd1"])
            .contains("can't be a label")
    );
    assert_eq!(project.run(&["revision", "-m", "x"]).code, 3, "three heads");
}

#[test]
fn merge_takes_every_option() {
    let project = forked("merge");
    let args = ["merge", "-m", "join", "--rev-id", "mmm1", "--branch-label", "both", "one@head", "f02"];
    project.ok(&args);
    assert!(project.ok(&["show", "mmm1"]).contains("-- parents: f011, f021\n-- message: join\n"));
    assert!(project.refused(2, &["merge", "f011", "d001"]).contains("--splice"), "it is no head any more");
    project.ok(&["merge", "f011", "d001", "--splice", "--rev-id", "mmm2"]);
    project.ok(&["merge", "heads", "--rev-id", "mmm3"]);
    assert_eq!(project.ok(&["heads"]).lines().count(), 1);
    assert!(project.refused(2, &["merge"]).contains("nothing to join"));
    assert!(project.refused(2, &["merge", "f001", "f011", "--splice"]).contains("comes after"));
}

#[test]
fn edit_opens_files_in_the_editor_that_is_named() {
    let project = forked("edit");
    let touched = |editor: &str, args: &[&str]| project.run_with(args, &[("EDITOR", editor)]);
    // An editor for a script: it appends to the files.
    project.write("my editor.sh", "for file in \"$@\"; do echo '-- seen' >> \"$file\"; done\n");
    let editor = "sh 'my editor.sh'";
    assert_eq!(touched(editor, &["edit", "f011"]).code, 0);
    assert!(project.read("migrations/f011.sql").ends_with("-- seen\n"));
    assert_eq!(touched(editor, &["edit", "heads"]).code, 0);
    assert!(project.read("migrations/d001.sql").ends_with("-- seen\n"));
    let both = project.run_with(&["edit", "f001"], &[("EDITOR", "false"), ("VISUAL", editor)]);
    assert_eq!(both.code, 0, "{}", both.err);
    assert!(touched("false", &["edit", "f001"]).err.contains("false ended with"));
    let none = project.refused(2, &["edit", "f001"]);
    assert!(none.contains("EDITOR") && none.contains("migrations/f001.sql"), "{none}");
}

#[test]
fn several_folders_hold_revisions() {
    let project = Project::new("folders");
    let config = project.read("limbeck.toml");
    project.write("limbeck.toml", &config.replace("\"migrations\"", "[\"migrations\", \"more/versions\"]"));
    assert!(project.refused(2, &["heads"]).contains("more/versions"));
    project.ok(&["revision", "-m", "more", "--rev-id", "bbb1", "--version-path", "more/versions"]);
    project.ok(&["revision", "-m", "base", "--rev-id", "aaa1", "--head", "base"]);
    project.ok(&["revision", "-m", "after", "--rev-id", "ccc1", "--head", "bbb1"]);
    assert_eq!(project.files("more/versions").len(), 2, "a revision goes where its parent is");
    assert_eq!(project.ok(&["heads"]).lines().count(), 2);
    let refused = project.refused(2, &["revision", "--head", "bbb1", "--version-path", "elsewhere"]);
    assert!(refused.contains("migrations, more/versions"), "{refused}");
    let separator = if cfg!(windows) { ';' } else { ':' };
    project.write(
        "limbeck.toml",
        &config.replace("\"migrations\"", &format!("\"migrations{separator}more/versions\"")),
    );
    assert_eq!(project.ok(&["heads"]).lines().count(), 2);
    project.write("migrations/2026/11/deep.sql", "-- limbeck:revision ddd1\n-- limbeck:upgrade\n");
    assert_eq!(project.ok(&["heads"]).lines().count(), 3, "folders in folders are read");
}

#[test]
fn files_are_named_by_a_template() {
    let project = Project::new("names");
    project.configure("file_template = \"%%(year)d/%%(month).2d%%(day).2d-%%(rev)s_%%(slug)s\"\ntruncate_slug = 12\ntimezone = \"local\"");
    let path = project.ok(&["revision", "-m", "Add a new column", "--rev-id", "aaa1"]);
    assert!(path.starts_with("wrote migrations/20") && path.ends_with("-aaa1_add_a_new.sql\n"), "{path}");
    assert!(project.ok(&["heads"]).starts_with("aaa1"));
    let wrong = Project::new("names-wrong");
    wrong.configure("file_template = \"%(slug)s\"");
    assert!(wrong.refused(2, &["revision", "-m", "x"]).contains("%(rev)s"));
    wrong.write("limbeck.toml", "[migrations]\ntimezone = \"Nowhere/At_All\"\n");
    assert!(wrong.refused(2, &["revision", "-m", "x"]).contains("Nowhere/At_All"));
    wrong.write("limbeck.toml", "[migrations]\ntimezone = \"America/New_York\"\n");
    let printed = wrong.ok(&["revision", "-m", "x", "--sql"]);
    assert!(printed.contains(" EST\n") || printed.contains(" EDT\n"), "{printed}");
}

#[test]
fn a_template_shapes_revisions() {
    let project = Project::new("template");
    project.configure("template = \"revision.template\"");
    project.write(
        "revision.template",
        "${header}\n\n-- by ${x.who}, for ${x.ticket:-nothing}: ${message}\n\n-- limbeck:upgrade lock_timeout=5s\n\n-- limbeck:downgrade\n",
    );
    let missing = project.refused(2, &["revision", "-m", "first"]);
    assert!(missing.contains("revision.template:3:7") && missing.contains("-x who="), "{missing}");
    project.ok(&["-x", "who=ann", "revision", "-m", "first", "--rev-id", "aaa1", "-x", "who=ben"]);
    let text = project.ok(&["show", "aaa1"]);
    assert!(text.contains("-- by ben, for nothing: first\n\n-- limbeck:upgrade lock_timeout=5s\n"), "{text}");
    project.write("revision.template", "${header}\n${heeder}\n");
    assert!(project.refused(2, &["revision"]).contains("${heeder} stands for nothing"));
    project.write("revision.template", "-- no header\n");
    assert!(project.refused(2, &["revision"]).contains("no ${header}"));
    assert!(project.refused(2, &["-x", "1=2", "heads"]).contains("is no name"));
}

#[test]
fn hooks_get_what_was_written() {
    let project = Project::new("hooks");
    project.configure(
        "[[migrations.hooks]]\nname = \"mark\"\ncommand = \"sh -c 'pwd; echo \\\"-- seen $0\\\" >> \\\"$1\\\"' it {file}\"\ncwd = \"models\"",
    );
    let ran = project.run(&["revision", "-m", "first", "--rev-id", "aaa1"]);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 1), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("running mark\n") && ran.err.contains("/models\n"), "{}", ran.err);
    assert!(project.ok(&["show", "aaa1"]).ends_with("-- seen it\n"));
    let fails = Project::new("hooks-fail");
    fails.configure("[[migrations.hooks]]\ncommand = \"false REVISION_SCRIPT_FILENAME\"");
    let ran = fails.run(&["revision", "-m", "first"]);
    assert!(ran.code == 3 && ran.err.contains("exit status: 1") && ran.err.contains("stays"), "{}", ran.err);
    assert_eq!(fails.files("migrations").len(), 1);
    fails.write("limbeck.toml", "[[migrations.hooks]]\ncommand = \"no-such-program-here\"\n");
    assert!(
        fails.refused(2, &["merge", "heads"]).contains("nothing to join"),
        "hooks run after writing alone"
    );
    assert!(fails.refused(2, &["revision"]).contains("can't be started"));
    fails.write("limbeck.toml", "[[migrations.hooks]]\ncommand = \"sh -c 'echo oops > $0'\"\n");
    let broken = fails.refused(3, &["revision"]);
    assert!(broken.contains("a hook") && broken.contains(".sql:1"), "{broken}");
}

#[test]
fn shells_complete_revisions_labels_and_tags() {
    let project = forked("completions");
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_limbeck")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let script = "source <(limbeck completions bash)\nask() {\n  COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1))\n  _clap_complete_limbeck limbeck \"${@: -1}\"; printf '%s\\n' \"${COMPREPLY[@]}\" | sort | tr '\\n' ' '; echo\n}\n\
                  ask limbeck upgrade f\nask limbeck upgrade one\nask limbeck history -r f001:f02\nask limbeck up\nask limbeck -c nowhere.toml upgrade f\n";
    let bash = std::process::Command::new("bash")
        .args(["-c", script])
        .env("PATH", path)
        .current_dir(project.path())
        .output();
    let Ok(bash) = bash else {
        eprintln!("NOT TESTED: there is no bash");
        return;
    };
    let said = String::from_utf8(bash.stdout).unwrap();
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    let expected = ["f001 f011 f021", "one one@head", "f001:f021", "upgrade", ""];
    assert_eq!(lines, expected, "{}", String::from_utf8_lossy(&bash.stderr));
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        assert!(project.ok(&["completions", shell]).contains("limbeck"), "{shell}");
    }
}

#[test]
fn manual_pages_are_written() {
    let project = Project::empty("man");
    project.ok(&["man", "pages"]);
    let pages = project.files("pages");
    assert!(
        ["limbeck.1", "limbeck-upgrade.1", "limbeck-ensure-version.1"]
            .iter()
            .all(|p| pages.contains(&(*p).to_owned())),
        "{pages:?}"
    );
    assert!(project.ok(&["man", "--page", "upgrade"]).contains("LABEL@head"));
}
