//! As much of PostgreSQL's protocol as must be read to hand it on: where messages end, and which of them the
//! server has to answer.

use std::io::{self, Read, Write};

/// Request codes in place of a protocol version.
const SSL: u32 = 80_877_103;
const GSS: u32 = 80_877_104;
const CANCEL: u32 = 80_877_102;
/// No message of a client is longer; what says so is no client.
const LONGEST: usize = 1 << 30;

/// How a connection begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Startup {
    /// As it came.
    pub(super) packet: Vec<u8>,
    /// Who.
    pub(super) user: String,
    /// Where to; the same name as the user's if it is not said.
    pub(super) database: String,
}

/// Reads the first packet. Encryption is declined; a request to cancel is none of ours, as nothing can be
/// cancelled.
pub(super) fn startup(stream: &mut (impl Read + Write)) -> io::Result<Option<Startup>> {
    loop {
        let mut packet = vec![0; 4];
        stream.read_exact(&mut packet)?;
        let length = length(&packet)?;
        read_more(stream, &mut packet, length - 4)?;
        match number(packet.get(4..8)) {
            Some(SSL | GSS) => stream.write_all(b"N")?,
            Some(CANCEL) | None => return Ok(None),
            Some(_) => return Ok(Some(parameters(packet))),
        }
    }
}

fn parameters(packet: Vec<u8>) -> Startup {
    let words: Vec<_> = packet.get(8..).unwrap_or_default().split(|byte| *byte == 0).collect();
    let value = |name: &str| {
        let pair = words.chunks_exact(2).find(|pair| pair[0] == name.as_bytes());
        pair.map(|pair| String::from_utf8_lossy(pair[1]).into_owned())
    };
    let user = value("user").unwrap_or_default();
    let database = value("database").unwrap_or_else(|| user.clone());
    Startup { packet, user, database }
}

/// Reads messages up to one that must be answered. `None` where the client leaves.
pub(super) fn batch(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut batch = Vec::new();
    loop {
        let start = batch.len();
        match read_more(stream, &mut batch, 5) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            done => done?,
        }
        let length = length(&batch[start + 1..])?;
        let tag = batch[start];
        read_more(stream, &mut batch, length - 4)?;
        match tag {
            b'X' => return Ok(None),
            // Query, Sync, Flush, FunctionCall, and the ends of a COPY.
            b'Q' | b'S' | b'H' | b'F' | b'c' | b'f' => return Ok(Some(batch)),
            _ => {}
        }
    }
}

/// A message with statements.
pub(super) fn query(sql: &str) -> Vec<u8> {
    let length = u32::try_from(sql.len() + 5).unwrap_or(u32::MAX);
    [&b"Q"[..], &length.to_be_bytes(), sql.as_bytes(), b"\0"].concat()
}

/// Whether there is an error in an answer.
pub(super) fn failed(mut answer: &[u8]) -> bool {
    while let (Some(tag), Ok(length)) = (answer.first(), length(answer.get(1..).unwrap_or_default())) {
        if *tag == b'E' {
            return true;
        }
        answer = answer.get(1 + length..).unwrap_or_default();
    }
    false
}

/// An error that ends the session.
pub(super) fn fatal(code: &str, message: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, text) in [(b'S', "FATAL"), (b'V', "FATAL"), (b'C', code), (b'M', message)] {
        body.push(field);
        body.extend(text.bytes().filter(|byte| *byte != 0));
        body.push(0);
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&b"E"[..], &length.to_be_bytes(), &body].concat()
}

fn read_more(stream: &mut impl Read, to: &mut Vec<u8>, count: usize) -> io::Result<()> {
    let start = to.len();
    to.resize(start + count, 0);
    stream.read_exact(&mut to[start..])
}

fn length(bytes: &[u8]) -> io::Result<usize> {
    let length = number(bytes.get(..4)).and_then(|n| usize::try_from(n).ok());
    length.filter(|n| (4..LONGEST).contains(n)).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn number(bytes: Option<&[u8]>) -> Option<u32> {
    Some(u32::from_be_bytes(bytes?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// What a client says, and what it is told.
    struct Client(VecDeque<u8>, Vec<u8>);

    impl Read for Client {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            self.0.read(to)
        }
    }

    impl Write for Client {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn packet(code: u32, rest: &[u8]) -> Vec<u8> {
        let length = u32::try_from(rest.len() + 8).expect("short");
        [&length.to_be_bytes()[..], &code.to_be_bytes(), rest].concat()
    }

    #[test]
    fn encryption_is_declined_and_the_names_are_read() {
        let said = [packet(SSL, b""), packet(196_608, b"user\0me\0database\0there\0\0")].concat();
        let mut client = Client(said.into(), Vec::new());
        let startup = startup(&mut client).expect("read").expect("no cancel");
        assert_eq!((startup.user.as_str(), startup.database.as_str()), ("me", "there"));
        assert_eq!(client.1, b"N");
        let mut client = Client(packet(196_608, b"user\0me\0\0").into(), Vec::new());
        assert_eq!(super::startup(&mut client).expect("read").expect("no cancel").database, "me");
    }

    #[test]
    fn messages_are_handed_on_up_to_one_that_is_answered() {
        let sync = [&b"P\0\0\0\x05x"[..], b"S\0\0\0\x04", b"Q\0\0\0\x05\0", b"X\0\0\0\x04"].concat();
        let mut client = &sync[..];
        assert_eq!(batch(&mut client).expect("read").expect("there"), b"P\0\0\0\x05xS\0\0\0\x04");
        assert_eq!(batch(&mut client).expect("read").expect("there"), b"Q\0\0\0\x05\0");
        assert_eq!(batch(&mut client).expect("read"), None);
        assert_eq!(batch(&mut client).expect("the end"), None);
    }

    #[test]
    fn an_error_is_found_behind_other_answers() {
        let notice = [&b"N\0\0\0\x05E"[..], b"Z\0\0\0\x05I"].concat();
        assert!(!failed(&notice));
        assert!(failed(&[notice, fatal("XX000", "no")].concat()));
        assert_eq!(query("select 1"), b"Q\0\0\0\x0dselect 1\0");
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        assert!(batch(&mut &b"Q\0\0\0\x03"[..]).is_err());
        assert!(batch(&mut &b"Q\xff\xff\xff\xff"[..]).is_err());
    }
}
