//! How a tunnel begins, or doesn't.

use std::net::TcpListener;

use crate::Test;
use crate::world::World;

pub(crate) const TESTS: &[Test] = &[
    ("a_free_port_is_filled_in", a_free_port_is_filled_in),
    ("a_port_that_is_said_is_used", a_port_that_is_said_is_used),
    ("a_port_that_is_taken_is_left_alone", a_port_that_is_taken_is_left_alone),
    ("a_tunnel_that_dies_at_once_is_heard", a_tunnel_that_dies_at_once_is_heard),
    ("a_tunnel_that_never_listens_is_given_up", a_tunnel_that_never_listens_is_given_up),
    ("what_can_not_be_a_tunnel_is_refused", what_can_not_be_a_tunnel_is_refused),
    ("variables_reach_the_tunnel", variables_reach_the_tunnel),
];

fn a_free_port_is_filled_in(world: &World) {
    world.configure("", &world.forward("{port}"));
    let (code, text) = world.limbeck(&["upgrade", "head"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(world.ask("select count(*) from pg_class where relname = 'members'"), 1);
    world.ends();
}

fn a_port_that_is_said_is_used(world: &World) {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    world.configure(&format!("host = 'localhost'\nport = {port}\n"), &world.forward(&port.to_string()));
    let (code, text) = world.limbeck(&["current"]);
    assert_eq!(code, Some(0), "{text}");
    world.ends();
}

fn a_port_that_is_taken_is_left_alone(world: &World) {
    let stranger = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = stranger.local_addr().unwrap().port();
    world.configure(&format!("port = {port}\n"), &world.forward("{port}"));
    let (code, text) = world.limbeck(&["current"]);
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains(&format!("127.0.0.1:{port} is taken")), "{text}");
    assert!(world.processes().is_empty(), "no tunnel was started");
}

fn a_tunnel_that_dies_at_once_is_heard(world: &World) {
    world.configure("", "echo 'no such pod' >&2; exit 3 # {port}");
    let (code, text) = world.limbeck(&["current"]);
    assert_eq!(code, Some(4), "{text}");
    for part in ["ended before it took connections", "exit status: 3", "it said: no such pod"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

fn a_tunnel_that_never_listens_is_given_up(world: &World) {
    let word = world.folder.join("word");
    let command =
        format!("sleep 1000 & printf '%s\\n' $$ $! > '{}'; echo soon; wait # {{port}}", word.display());
    world.configure("tunnel_timeout = 1\n", &command);
    let (code, text) = world.limbeck(&["current"]);
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("within 1 s") && text.contains("it said: soon"), "{text}");
    world.ends();
}

fn what_can_not_be_a_tunnel_is_refused(world: &World) {
    for (keys, tunnel, part) in [
        ("", "ssh -L 5433:db:5432 bastion", "nobody can know the port"),
        ("host = '/run/postgresql'\n", "x {port}", "does not lead to one host"),
        ("host = 'a,b'\n", "x {port}", "does not lead to one host"),
        ("port = '1,2'\n", "x {port}", "does not lead to one host"),
        ("port = 'x'\n", "x {port}", "not a port"),
    ] {
        world.configure(keys, tunnel);
        let (code, text) = world.limbeck(&["current"]);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(part), "{part}: {text}");
    }
}

fn variables_reach_the_tunnel(world: &World) {
    std::fs::write(world.folder.join(".env"), "POD=\"the pod\"\n").unwrap();
    world.configure("", "echo \"no ${POD} in ${SPACE:-here}\"; exit 1 # {port}");
    let (_, text) = world.limbeck(&["current"]);
    assert!(text.contains("it said: no the pod in here"), "{text}");
}
