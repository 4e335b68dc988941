//! A pooler in transaction mode, in the protocol's own terms: a client has a session of the server from its
//! first message until the server says that it is in no transaction. The session that rested longest is
//! handed out next, so that nobody gets the same one twice in a row.

use std::collections::VecDeque;
use std::io::{Error, Result, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::wire::{Message, message, startup};

/// How many sessions of the server there are at least.
const SESSIONS: usize = 2;

/// Sessions of the server that nobody uses, and who waits for one.
#[derive(Default)]
struct Pool {
    idle: Mutex<VecDeque<TcpStream>>,
    back: Condvar,
}

/// Starts one before a server; it lasts as long as the program. Gives its port.
pub(crate) fn start(server: u16) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let pool = Arc::new(Pool::default());
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let pool = Arc::clone(&pool);
            // What goes wrong here shows in the client, which is the one that is looked at.
            thread::spawn(move || drop(serve(client, server, &pool)));
        }
    });
    port
}

fn serve(mut client: TcpStream, server: u16, pool: &Pool) -> Result<()> {
    client.set_nodelay(true)?;
    let first = startup(&mut client)?;
    let greeting = greet(server, &first, pool)?;
    client.write_all(&greeting)?;
    let mut session: Option<TcpStream> = None;
    loop {
        let asked = message(&mut client)?;
        if asked.letter == b'X' {
            return Ok(());
        }
        let mut used = match session.take() {
            Some(session) => session,
            None => pool.take(),
        };
        used.write_all(&asked.bytes)?;
        if !matches!(asked.letter, b'Q' | b'S') {
            session = Some(used);
            continue;
        }
        match answer(&mut used, &mut client)? {
            b'I' => pool.put(used),
            _ => session = Some(used),
        }
    }
}

/// Opens sessions as this client asks for them, and gives what the server says first.
fn greet(server: u16, first: &Message, pool: &Pool) -> Result<Vec<u8>> {
    let mut greeting = Vec::new();
    for _ in 0..SESSIONS {
        let mut session = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
        session.set_nodelay(true)?;
        session.write_all(&first.bytes)?;
        greeting.clear();
        loop {
            let said = message(&mut session)?;
            if said.letter == b'E' {
                return Err(Error::other("the server refused"));
            }
            greeting.extend_from_slice(&said.bytes);
            if said.ready().is_some() {
                break;
            }
        }
        if pool.idle.lock().unwrap().len() < SESSIONS {
            pool.put(session);
        }
    }
    Ok(greeting)
}

/// Passes an answer on to its end, and gives the status that it ends in.
fn answer(server: &mut TcpStream, client: &mut TcpStream) -> Result<u8> {
    loop {
        let said = message(server)?;
        client.write_all(&said.bytes)?;
        if let Some(status) = said.ready() {
            return Ok(status);
        }
    }
}

impl Pool {
    fn take(&self) -> TcpStream {
        let mut idle = self.idle.lock().unwrap();
        loop {
            if let Some(session) = idle.pop_front() {
                return session;
            }
            idle = self.back.wait(idle).unwrap();
        }
    }

    fn put(&self, session: TcpStream) {
        self.idle.lock().unwrap().push_back(session);
        self.back.notify_one();
    }
}
