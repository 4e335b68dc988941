//! A second connection, to read a database over two at once. Nothing depends on it: where it can't be had, or not
//! soon, nobody hears of it.

use std::time::Duration;

use sqlx::PgConnection;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Server;

/// Who is so far away that it took longer to be let in would wait longer for a second connection than it can save in
/// most databases.
const NEAR: Duration = Duration::from_millis(100);

/// A second connection on its way, while the first is at work: the first is in by then, so where there is room for
/// one, it has it.
pub(crate) struct Second(Option<JoinHandle<Option<PgConnection>>>);

impl Server {
    /// Begins to open a second connection, to where the first went.
    pub(crate) fn second(&self) -> Second {
        let near = self.way.took.get().is_some_and(|took| *took <= NEAR);
        let reached = self.way.reached.get().filter(|_| near).cloned();
        Second(reached.map(|options| {
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

    /// The connection, if it is there or comes soon.
    pub(crate) async fn opened(mut self) -> Option<PgConnection> {
        timeout(NEAR, self.0.as_mut()?).await.ok()?.ok()?
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}
