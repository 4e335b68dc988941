//! The tunnel: what comes to a local port goes on to the server's socket, until this process is killed.

use std::io::copy;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;

/// The server's socket; makes a tunnel of this program.
pub(crate) const SOCKET: &str = "LIMBECK_TEST_SOCKET";

/// Where the tunnel leaves its process id, and that of its child.
pub(crate) const WORD: &str = "LIMBECK_TEST_WORD";

/// Listens on the port that is the first argument.
pub(crate) fn run(socket: &Path) -> ExitCode {
    let port: u16 = std::env::args().nth(1).unwrap().parse().unwrap();
    // Real ones have children (a credential helper, a proxy), which have to go as well.
    let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
    let word = std::env::var_os(WORD).unwrap();
    std::fs::write(word, format!("{}\n{}\n", std::process::id(), child.id())).unwrap();
    eprintln!("Forwarding from 127.0.0.1:{port}");
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    for here in listener.incoming() {
        let (here, there) = (here.unwrap(), UnixStream::connect(socket).unwrap());
        eprintln!("Handling connection for {port}");
        thread::spawn(move || join(&here, &there));
    }
    // Not before somebody ends this process.
    child.wait().unwrap();
    ExitCode::SUCCESS
}

fn join(here: &TcpStream, there: &UnixStream) {
    thread::scope(|scope| {
        scope.spawn(|| {
            drop(copy(&mut &*here, &mut &*there));
            drop(there.shutdown(Shutdown::Both));
        });
        drop(copy(&mut &*there, &mut &*here));
        drop(here.shutdown(Shutdown::Both));
    });
}
