//! A proxy before a server: it counts what a client asks, and cuts the connection where it is told to.

use std::io::{Read, Result, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::wire::{message, startup};

/// Where a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the message reaches the server.
    Asking(usize),
    /// Once the server has the message, before its answer.
    Answering(usize),
}

/// A proxy on a port of its own; it lasts as long as the program.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    asked: Arc<AtomicUsize>,
    cut: Arc<Mutex<Option<Cut>>>,
}

impl Proxy {
    pub(crate) fn start(server: u16) -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = Proxy { port, asked: Arc::default(), cut: Arc::default() };
        let (asked, cut) = (Arc::clone(&proxy.asked), Arc::clone(&proxy.cut));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (asked, cut) = (Arc::clone(&asked), Arc::clone(&cut));
                // What goes wrong here shows in the client, which is the one that is looked at.
                thread::spawn(move || drop(serve(client, server, &asked, &cut)));
            }
        });
        proxy
    }

    /// How many messages wanted an answer since somebody last asked this.
    pub(crate) fn round_trips(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    /// Cuts once at the message of this number, counted from here.
    pub(crate) fn cut(&self, cut: Cut) {
        self.asked.store(0, Ordering::SeqCst);
        *self.cut.lock().unwrap() = Some(cut);
    }

    /// Whether it was not cut yet.
    pub(crate) fn is_whole(&self) -> bool {
        self.cut.lock().unwrap().is_some()
    }
}

fn serve(mut client: TcpStream, server: u16, asked: &AtomicUsize, cut: &Mutex<Option<Cut>>) -> Result<()> {
    client.set_nodelay(true)?;
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
    server.set_nodelay(true)?;
    server.write_all(&startup(&mut client)?.bytes)?;
    let (mut from_server, mut to_client) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(length @ 1..) = from_server.read(&mut buffer) {
            if to_client.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        drop(to_client.shutdown(Shutdown::Both));
        drop(from_server.shutdown(Shutdown::Both));
    });
    while let Ok(message) = message(&mut client) {
        let number = match message.letter {
            b'Q' | b'S' => asked.fetch_add(1, Ordering::SeqCst) + 1,
            _ => 0,
        };
        let mut cut = cut.lock().unwrap();
        match *cut {
            Some(Cut::Asking(at)) if at == number => {
                *cut = None;
                break;
            }
            Some(Cut::Answering(at)) if at == number => {
                *cut = None;
                // The client hears no more, and the server has all that was asked.
                drop(client.shutdown(Shutdown::Both));
                return server.write_all(&message.bytes);
            }
            _ if server.write_all(&message.bytes).is_err() => break,
            _ => {}
        }
    }
    // A client that was killed is no longer connected, which is no reason to keep the server waiting.
    drop(client.shutdown(Shutdown::Both));
    server.shutdown(Shutdown::Both)
}
