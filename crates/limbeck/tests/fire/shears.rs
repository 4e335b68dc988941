//! A way to a server that is cut once so many bytes have come back, wherever in a message that is.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// It lasts as long as the program.
pub(crate) struct Shears {
    pub(crate) port: u16,
    left: Arc<AtomicUsize>,
}

impl Shears {
    pub(crate) fn start(server: u16) -> Shears {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let shears = Shears { port: listener.local_addr().unwrap().port(), left: Arc::default() };
        let left = Arc::clone(&shears.left);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).unwrap();
                let (asking, asked) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let left = Arc::clone(&left);
                thread::spawn(move || pass(server, client, &left));
                thread::spawn(move || pass(asking, asked, &AtomicUsize::new(usize::MAX)));
            }
        });
        shears
    }

    /// Cuts after so many bytes from the server, counted from here.
    pub(crate) fn after(&self, bytes: usize) {
        self.left.store(bytes, Ordering::SeqCst);
    }
}

/// Passes bytes on as long as any are left to pass.
fn pass(mut from: TcpStream, mut to: TcpStream, left: &AtomicUsize) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let may = left.load(Ordering::SeqCst);
        let passed = length.min(may);
        left.store(may - passed, Ordering::SeqCst);
        if to.write_all(&buffer[..passed]).is_err() || passed < length {
            break;
        }
    }
    drop((from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both)));
}
