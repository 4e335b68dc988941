//! No password in any output: of mistakes beside it, of servers that refuse it, at any verbosity, in any format,
//! in what children are given, in any file.

use crate::bad_input::files;
use crate::project::Project;

/// What must be seen nowhere.
const SECRET: &str = "hunter2";

/// Every way to run that says more.
const LOUD: [&[&str]; 3] = [&["-vv"], &["--format", "json", "-vv"], &["--color", "always"]];

#[test]
fn a_mistake_beside_a_password_does_not_show_it() {
    let project = Project::new("beside");
    for text in [
        "[database]\nurl = 'postgres://u:hunter2@h/d' prot = 3\n",
        "[database]\npassword = hunter2\n",
        "[database]\npassword = ['hunter2']\n",
        "[database]\npassword = 'hunter2\n",
        "[database]\npassword = '''\nhunter2\n''' x\n",
        "[databse]\npassword = 'hunter2'\n",
        "[env.prod]\npassword = 'hunter2' x\n",
        "[env]\nprod = { password = 'hunter2', x = 1 }\n",
        "database = { password = 'hunter2', x = 1 }\n",
        "[scratch]\nurl = 'postgres://u:hunter2@h/d' x\n",
    ] {
        project.write("limbeck.toml", text);
        for loud in LOUD {
            let said = project.refused(2, &[loud, &["current"]].concat());
            assert!(!said.contains(SECRET), "{text}: {said}");
            assert!(said.contains("limbeck.toml:"), "{text}: {said}");
        }
    }
    // A number is a password too.
    project.write("limbeck.toml", "[database]\npassword = 31415926\n");
    let said = project.refused(2, &["current"]);
    assert!(!said.contains("31415926") && said.contains("limbeck.toml:2:12"), "{said}");
}

/// A server that nobody reaches: all that is said of it is said.
#[test]
fn a_server_that_is_not_there_hears_no_password() {
    let project = Project::new("unreached");
    project.write("models/a.yaml", "tables: {}\n");
    project.revision("f001");
    project.write(".env", "LIMBECK_T_PW=hunter2\n");
    let tunnel = "tunnel = \"sh -c 'echo up; exec sleep 30'\"\ntunnel_timeout = 1\nport = 1\n";
    project.configure(&format!(
        "[env.plain]\nurl = 'postgres://u:hunter2@127.0.0.1:1/d'\n\
         [env.filled]\nurl = 'postgres://u:${{LIMBECK_T_PW}}@127.0.0.1:1/d'\n\
         [env.parts]\nhost = '127.0.0.1'\nport = 1\npassword = '${{LIMBECK_T_PW}}'\n\
         [env.pairs]\nurl = \"host=127.0.0.1 port=1 password='hunter2'\"\n\
         [env.tunnel]\npassword = 'hunter2'\n{tunnel}"
    ));
    for env in ["plain", "filled", "parts", "pairs", "tunnel"] {
        for loud in LOUD {
            for command in [&["current"][..], &["check"], &["upgrade", "head"], &["pull"]] {
                let ran = project.run(&[loud, &["-e", env], command].concat());
                assert_eq!(ran.code, 4, "{env} {command:?}: {}{}", ran.out, ran.err);
                assert!(
                    !format!("{}{}", ran.out, ran.err).contains(SECRET),
                    "{env} {command:?}: {}",
                    ran.err
                );
            }
        }
    }
    for (name, bytes) in files(&project) {
        let told = String::from_utf8_lossy(&bytes).contains(SECRET);
        assert_eq!(told, [".env", "limbeck.toml"].contains(&name.as_str()), "{name}");
    }
}
