//! The end of statements that don't end: the embedded server has no timer, so `statement_timeout` is not heeded.

use std::io::Write as _;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use super::wire;

/// Looks at the clock while a session works.
#[derive(Debug)]
pub(super) struct Watch(Sender<()>);

impl Watch {
    /// Lets the client go once an answer takes longer than this. The backend can't be stopped; it is left to
    /// itself, and its database answers nobody any more.
    pub(super) fn over(stream: &UnixStream, longest: Duration) -> std::io::Result<Self> {
        let stream = stream.try_clone()?;
        let (sender, ticks) = channel();
        thread::spawn(move || watch(stream, &ticks, longest));
        Ok(Self(sender))
    }

    /// Runs what must not take longer.
    pub(super) fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        let _ = self.0.send(());
        let done = work();
        let _ = self.0.send(());
        done
    }
}

/// Ticks come in pairs, at the beginning and at the end of a piece of work.
fn watch(mut stream: UnixStream, ticks: &Receiver<()>, longest: Duration) {
    while ticks.recv().is_ok() {
        match ticks.recv_timeout(longest) {
            Ok(()) => {}
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let why = format!("the embedded server gave no answer within {} s", longest.as_secs());
                let _ = stream.write_all(&wire::fatal("57014", &why));
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_client_is_let_go_when_there_is_no_answer() {
        let (mut client, server) = UnixStream::pair().expect("two ends");
        let watch = Watch::over(&server, Duration::ZERO).expect("a watch");
        let mut said = Vec::new();
        watch.during(|| client.read_to_end(&mut said)).expect("the end");
        assert!(String::from_utf8_lossy(&said).contains("57014"));
    }
}
