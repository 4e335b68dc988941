//! What arrives as tracing events: the server's notices, from the driver, shown while revisions run; and
//! what our own crates have to say to whoever asks for more (`--verbose`).

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::output;

static SHOWN: AtomicBool = AtomicBool::new(false);

/// Begins to listen, once for the process; notices of servers aren't shown yet.
pub(crate) fn listen(verbose: bool) {
    // Fails only if something listens already.
    drop(tracing::subscriber::set_global_default(Notices { verbose }));
}

/// Shows notices from now on, or no more.
pub(crate) fn show(on: bool) {
    SHOWN.store(on, Ordering::Relaxed);
}

struct Notices {
    verbose: bool,
}

/// Where the driver's events come from that are notices of the server.
const SERVER: &str = "sqlx::postgres::notice";

impl Subscriber for Notices {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == SERVER || (self.verbose && metadata.target().starts_with("limbeck"))
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        let words = output::printable(&message.0);
        if event.metadata().target() != SERVER {
            output::say(words);
        } else if SHOWN.load(Ordering::Relaxed) {
            let word = match *event.metadata().level() {
                Level::INFO => "notice",
                Level::DEBUG => "debug",
                // `raise info`, which is shown whatever `client_min_messages` says.
                Level::TRACE => "info",
                _ => "warning",
            };
            output::say(format!("  {word} of the server: {words}"));
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Message(String);

impl Visit for Message {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
