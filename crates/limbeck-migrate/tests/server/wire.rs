//! The messages of the protocol, as far as what stands between a client and a server has to see them.

use std::io::{Error, ErrorKind, Read, Result};

/// One message: its letter (none for what a client sends first), and all its bytes.
pub(crate) struct Message {
    pub(crate) letter: u8,
    pub(crate) bytes: Vec<u8>,
}

impl Message {
    /// The status that a `ReadyForQuery` tells: `I`, `T` or `E`.
    pub(crate) fn ready(&self) -> Option<u8> {
        (self.letter == b'Z').then(|| self.bytes[5])
    }
}

/// The next message.
pub(crate) fn message(from: &mut impl Read) -> Result<Message> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let mut bytes = head.to_vec();
    rest(from, &mut bytes, &head[1..])?;
    Ok(Message { letter: head[0], bytes })
}

/// The message that a client begins with, which has no letter. Encryption is refused by a letter to `refuse`.
pub(crate) fn startup<S: Read + std::io::Write>(client: &mut S) -> Result<Message> {
    loop {
        let mut bytes = vec![0; 4];
        client.read_exact(&mut bytes)?;
        let length = bytes.clone();
        rest(client, &mut bytes, &length)?;
        // Version 3; what else comes first asks for encryption.
        if bytes[4..6] == [0, 3] {
            return Ok(Message { letter: 0, bytes });
        }
        client.write_all(b"N")?;
    }
}

fn rest(from: &mut impl Read, bytes: &mut Vec<u8>, length: &[u8]) -> Result<()> {
    let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    let more = length.checked_sub(4).ok_or(Error::from(ErrorKind::InvalidData))?;
    let start = bytes.len();
    bytes.resize(start + more, 0);
    from.read_exact(&mut bytes[start..])
}
