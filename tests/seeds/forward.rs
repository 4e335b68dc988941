//! A port-forward: what comes to a local port goes on to the server's socket.
//!
//! Pages call it `kubectl port-forward`, which has a cluster at the other end; here it has the test's server.
//! Everything else about it is real: it is a process, it listens, it can be interrupted and killed.

use std::io::{Write as _, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The name that pages call it by.
pub(crate) const NAME: &str = "kubectl";

/// The variable that says where the server's socket is.
pub(crate) const SOCKET: &str = "SEED_SOCKET";

/// If this process was started as the port-forward: forwards until it is killed, or gives its exit code.
pub(crate) fn called() -> Option<i32> {
    let mut arguments = std::env::args();
    let name = PathBuf::from(arguments.next()?);
    if name.file_name()? != NAME {
        return None;
    }
    let asked = arguments.next().unwrap_or_default();
    if asked != "port-forward" {
        eprintln!("error: unknown command \"{asked}\" for \"{NAME}\"");
        return Some(1);
    }
    let port = arguments.next_back().and_then(|pair| pair.split(':').next()?.parse().ok());
    let socket = std::env::var_os(SOCKET).map(PathBuf::from);
    let (Some(port), Some(socket)) = (port, socket) else {
        eprintln!("error: kubectl port-forward svc/NAME LOCAL:REMOTE");
        return Some(1);
    };
    match listen(port) {
        Ok(listener) => {
            leave_word();
            println!("Forwarding from 127.0.0.1:{port} -> 5432");
            _ = std::io::stdout().flush();
            serve(&listener, &socket);
            Some(0)
        }
        Err(why) => {
            eprintln!("error: unable to listen on port {port}: {why}");
            Some(1)
        }
    }
}

/// Where a page's test finds the process: it asks whether it still lives, or takes the word away. Then what
/// is at the other end is gone, as when a pod is.
fn leave_word() {
    let Some(state) = std::env::var_os("SEED_STATE") else { return };
    let word = PathBuf::from(state).join(format!("{NAME}-{}", std::process::id()));
    _ = fs_err::write(&word, "");
    thread::spawn(move || {
        while word.exists() {
            thread::sleep(Duration::from_millis(20));
        }
        eprintln!("error: lost connection to pod");
        std::process::exit(1);
    });
}

/// Takes what is at the other end away from all of a page's.
pub(crate) fn lose(state: &Path) -> Result<(), String> {
    let mut words = started(state)?.into_iter().map(|pid| state.join(format!("{NAME}-{pid}")));
    words.try_for_each(fs_err::remove_file).map_err(|e| e.to_string())
}

/// The process ids of all that were started for a page.
pub(crate) fn started(state: &Path) -> Result<Vec<String>, String> {
    let entries = fs_err::read_dir(state).map_err(|e| e.to_string())?.flatten();
    let names = entries.map(|e| e.file_name().to_string_lossy().into_owned());
    Ok(names.filter_map(|name| Some(name.strip_prefix(NAME)?.strip_prefix('-')?.to_owned())).collect())
}

/// A port that is forwarded for as long as the test runs.
pub(crate) fn open(socket: PathBuf) -> Result<u16, String> {
    let listener = listen(0).map_err(|e| e.to_string())?;
    let port = listener.local_addr().map_err(|e| e.to_string())?.port();
    thread::spawn(move || serve(&listener, &socket));
    Ok(port)
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
}

fn serve(listener: &TcpListener, socket: &Path) {
    for client in listener.incoming().flatten() {
        let Ok(server) = UnixStream::connect(socket.join(".s.PGSQL.5432")) else { continue };
        let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else { continue };
        thread::spawn(move || there(client, server));
        thread::spawn(move || back(server_too, client_too));
    }
}

fn there(mut client: TcpStream, mut server: UnixStream) {
    _ = copy(&mut client, &mut server);
    _ = server.shutdown(Shutdown::Both);
}

fn back(mut server: UnixStream, mut client: TcpStream) {
    _ = copy(&mut server, &mut client);
    _ = client.shutdown(Shutdown::Both);
}
