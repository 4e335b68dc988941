//! A proxy before the server that counts round trips, by listening to what the client asks.
//!
//! After the start-up of a connection, every message that makes the server answer (`Query`, `Sync`,
//! `Flush`) is a round trip, unless the one before it has no answer yet: then both travel together.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;

/// A proxy on a port of its own; it lasts as long as the program.
pub(super) struct Proxy {
    port: u16,
    round_trips: Arc<AtomicUsize>,
}

impl Proxy {
    /// Listens on loopback, for a server behind a Unix socket.
    pub(super) fn start(socket: PathBuf) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let proxy = Self { port: listener.local_addr()?.port(), round_trips: Arc::default() };
        let counter = Arc::clone(&proxy.round_trips);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is gone shows in the client, which is the one that is looked at.
                let _ = connect(client, &socket, &counter);
            }
        });
        Ok(proxy)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// How many there were so far.
    pub(super) fn round_trips(&self) -> usize {
        self.round_trips.load(Ordering::SeqCst)
    }
}

fn connect(mut client: TcpStream, socket: &Path, counter: &Arc<AtomicUsize>) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut server = UnixStream::connect(socket)?;
    let answered = Arc::new(AtomicBool::new(true));
    let (mut from_server, mut to_client) = (server.try_clone()?, client.try_clone()?);
    let heard = Arc::clone(&answered);
    thread::spawn(move || {
        let _ = pass(&mut from_server, &mut to_client, |_| heard.store(true, Ordering::SeqCst));
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let counter = Arc::clone(counter);
    thread::spawn(move || {
        let mut messages = Messages::default();
        let _ = pass(&mut client, &mut server, |bytes| {
            for _ in 0..messages.asking(bytes) {
                if answered.swap(false, Ordering::SeqCst) {
                    counter.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        let _ = server.shutdown(Shutdown::Both);
    });
    Ok(())
}

fn pass(from: &mut impl Read, to: &mut impl Write, mut look: impl FnMut(&[u8])) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        look(&buffer[..length]);
        to.write_all(&buffer[..length])?;
    }
}

/// A client's messages, as its bytes come in.
#[derive(Default)]
struct Messages {
    /// What came of a message that isn't whole yet.
    rest: Vec<u8>,
    started: bool,
}

impl Messages {
    /// How many of the messages that end in these bytes want an answer.
    fn asking(&mut self, bytes: &[u8]) -> usize {
        self.rest.extend_from_slice(bytes);
        let mut count = 0;
        loop {
            // Before the start-up message, and for it, there is no letter in front of the length.
            let letter = usize::from(self.started);
            let Some(length) = self.rest.get(letter..letter + 4) else { return count };
            let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            if self.rest.len() < letter + length {
                return count;
            }
            let message: Vec<u8> = self.rest.drain(..letter + length).collect();
            if self.started {
                count += usize::from(matches!(message[0], b'Q' | b'S' | b'H'));
            } else {
                // Version 3; anything else asks for encryption, and the start-up message is yet to come.
                self.started = message.get(4..6) == Some(&[0, 3]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Messages;

    fn message(letter: u8, text: &[u8]) -> Vec<u8> {
        let length = u32::try_from(text.len() + 4).unwrap().to_be_bytes();
        [&[letter][..], &length, text].concat()
    }

    #[test]
    fn queries_and_syncs_ask_and_the_start_does_not() {
        let mut messages = Messages::default();
        assert_eq!(messages.asking(&[0, 0, 0, 8, 4, 210, 22, 47]), 0, "SSLRequest");
        assert_eq!(messages.asking(&[0, 0, 0, 9, 0, 3, 0, 0, 0]), 0, "StartupMessage");
        assert_eq!(messages.asking(&message(b'p', b"secret\0")), 0);
        let both =
            [message(b'P', b"\0select 1\0\0\0"), message(b'S', b""), message(b'Q', b"select 2\0")].concat();
        let (first, second) = both.split_at(15);
        assert_eq!(messages.asking(first), 0);
        assert_eq!(messages.asking(second), 2);
        assert_eq!(messages.asking(&message(b'X', b"")), 0);
    }
}
