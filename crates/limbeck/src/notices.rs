//! The server's notices: they arrive as tracing events of the driver, and are shown while revisions run.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::output;

static SHOWN: AtomicBool = AtomicBool::new(false);

/// Begins to listen, once for the process; nothing is shown yet.
pub(crate) fn listen() {
    // Fails only if something listens already.
    drop(tracing::subscriber::set_global_default(Notices));
}

/// Shows notices from now on, or no more.
pub(crate) fn show(on: bool) {
    SHOWN.store(on, Ordering::Relaxed);
}

struct Notices;

impl Subscriber for Notices {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::postgres::notice" && *metadata.level() <= Level::INFO
    }

    fn event(&self, event: &Event<'_>) {
        if SHOWN.load(Ordering::Relaxed) {
            let mut message = Message(String::new());
            event.record(&mut message);
            let word = if *event.metadata().level() == Level::INFO { "notice" } else { "warning" };
            output::say(format!("  {word} of the server: {}", output::printable(&message.0)));
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
