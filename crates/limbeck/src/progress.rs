//! Progress: one line on a terminal, for what takes longer than half a second, gone when it is done.

use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::context::Ctx;

/// What takes less is not worth a line that comes and goes.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// Something that is going on; its line goes when this is dropped. Nothing is printed meanwhile.
#[must_use = "the line goes when this is dropped"]
pub(crate) struct Step {
    shown: Option<(Sender<()>, JoinHandle<()>)>,
}

/// Says what is going on: `progress::step(ctx, "proving on scratch")`.
pub(crate) fn step(ctx: &Ctx, words: &'static str) -> Step {
    if !is_wanted(ctx) {
        return Step { shown: None };
    }
    // A thread of its own: the work itself may not let go of this one for long.
    let (done, waits) = channel::<()>();
    let thread = std::thread::spawn(move || {
        if waits.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
            .with_message(words)
            .with_elapsed(PATIENCE);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} … {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        // Ends as the sender is dropped.
        waits.recv().ok();
        bar.finish_and_clear();
    });
    Step { shown: Some((done, thread)) }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.shown.take() {
            drop(done);
            thread.join().ok();
        }
    }
}

fn is_wanted(ctx: &Ctx) -> bool {
    let ci = std::env::var("CI").is_ok_and(|ci| !matches!(ci.as_str(), "" | "0" | "false"));
    !(ctx.globals.no_progress || ctx.globals.quiet || ci) && std::io::stderr().is_terminal()
}
