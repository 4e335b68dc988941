//! A second connection, to read a database over two at once. Nothing depends on it: where it can't be had, or not
//! soon, nobody hears of it but who asks for more (`-v`).

use limbeck_introspect::Opening;
use sqlx::PgConnection;
use tokio::task::JoinHandle;

use super::Server;

/// A second connection on its way, while the first is at work: the first is in by then, so where there is room for
/// one, it has it.
pub(crate) struct Second(Option<JoinHandle<Option<PgConnection>>>);

impl Server {
    /// Begins to open a second connection, to where the first went.
    pub(crate) fn second(&self) -> Second {
        Second(self.way.reached.get().cloned().map(|options| {
            let target = self.target.clone();
            tokio::spawn(async move {
                let opened = target.again(&options).await;
                opened.inspect_err(|error| tracing::debug!("one connection has to do: {error}")).ok()
            })
        }))
    }
}

impl Second {
    /// None, where one has to do.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// The connection, when it is there. Whoever no longer waits for it does without.
    pub(crate) fn opening(mut self) -> Option<Opening<'static>> {
        self.0
            .is_some()
            .then(|| -> Opening<'static> { Box::pin(async move { self.0.as_mut()?.await.ok()? }) })
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}
