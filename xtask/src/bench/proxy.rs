//! A proxy before the server that counts round trips, by listening to what the client asks, and can make
//! the way longer.
//!
//! After the start-up of a connection, every message that makes the server answer (`Query`, `Sync`,
//! `Flush`) is a round trip, unless the one before it has no answer yet: then both travel together.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

/// A proxy on a port of its own; it lasts as long as the program.
pub(super) struct Proxy {
    port: u16,
    round_trips: Arc<AtomicUsize>,
}

impl Proxy {
    /// Listens on loopback, for a server behind a Unix socket.
    pub(super) fn start(socket: PathBuf) -> Result<Self> {
        Self::start_slow(socket, Duration::ZERO)
    }

    /// The same at the end of a link on which a question and its answer are under way for this long.
    pub(super) fn start_slow(socket: PathBuf, link: Duration) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let proxy = Self { port: listener.local_addr()?.port(), round_trips: Arc::default() };
        let counter = Arc::clone(&proxy.round_trips);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is gone shows in the client, which is the one that is looked at.
                let _ = connect(client, &socket, &counter, link / 2);
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

fn connect(
    mut client: TcpStream,
    socket: &Path,
    counter: &Arc<AtomicUsize>,
    delay: Duration,
) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let server = UnixStream::connect(socket)?;
    let answered = Arc::new(AtomicBool::new(true));
    let (mut from_server, to_client) = (server.try_clone()?, client.try_clone()?);
    let heard = Arc::clone(&answered);
    thread::spawn(move || {
        let _ = late(delay, to_client.try_clone(), |to| {
            pass(&mut from_server, to, |_| heard.store(true, Ordering::SeqCst))
        });
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let counter = Arc::clone(counter);
    thread::spawn(move || {
        let mut messages = Messages::default();
        let _ = late(delay, server.try_clone(), |to| {
            pass(&mut client, to, |bytes| {
                for _ in 0..messages.asking(bytes) {
                    if answered.swap(false, Ordering::SeqCst) {
                        counter.fetch_add(1, Ordering::SeqCst);
                    }
                }
            })
        });
        let _ = server.shutdown(Shutdown::Both);
    });
    Ok(())
}

/// Gives what is written to it on, after a while: what follows does not wait for it.
struct Late {
    delay: Duration,
    queue: Sender<(Instant, Vec<u8>)>,
}

impl Write for Late {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let gone = |_| std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        self.queue.send((Instant::now() + self.delay, bytes.to_vec())).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Does something with a way to `to` that takes its time; returns when all has arrived.
fn late<W: Write + Send + 'static>(
    delay: Duration,
    to: std::io::Result<W>,
    work: impl FnOnce(&mut Late) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut to = to?;
    let (queue, arriving) = channel::<(Instant, Vec<u8>)>();
    let carrier = thread::spawn(move || {
        for (due, bytes) in arriving {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            to.write_all(&bytes)?;
        }
        std::io::Result::Ok(())
    });
    let done = work(&mut Late { delay, queue });
    carrier.join().unwrap_or(Ok(())).and(done)
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
