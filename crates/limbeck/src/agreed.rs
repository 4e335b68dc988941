//! `check` without reading: what an earlier run found the same is the same, while nothing has changed on either
//! side.

use limbeck_introspect::{Snapshot, fingerprint};
use limbeck_model::SourceFile;
use limbeck_scratch::agreed::{Agreement, key};
use limbeck_scratch::cache::Cache;
use sqlx::PgConnection;

use crate::comparing;
use crate::connect::Server;
use crate::context::Ctx;
use crate::exit::Result;

/// What is known of a database and these models.
pub(crate) struct Known {
    cache: Cache,
    key: String,
    agreement: Option<Agreement>,
}

impl Known {
    /// Looks for what an earlier run found.
    pub(crate) fn look(ctx: &Ctx, server: &Server, files: &[SourceFile]) -> Result<Self> {
        let (cache, config) = (comparing::cache(ctx)?, ctx.config()?);
        // With the user, who may have another `search_path`.
        let place = format!("{} of {}", server.place(), server.user());
        let (build, config) = (build(), format!("{config:?}"));
        let files = files.iter().flat_map(|file| [file.path.as_str(), &file.text]);
        let key = key([build.as_str(), &config, &place].into_iter().chain(files));
        let agreement = cache.agreement(&key);
        Ok(Self { cache, key, agreement })
    }

    /// Whether it makes sense to ask the database.
    pub(crate) fn has_agreed(&self) -> bool {
        self.agreement.is_some()
    }

    /// What is left to say, if the database is as it was when it agreed.
    pub(crate) async fn still(&mut self, connection: &mut PgConnection) -> Result<Option<Snapshot>> {
        let Some(agreement) = self.agreement.take() else { return Ok(None) };
        let now = fingerprint(connection).await.map_err(|error| comparing::unreadable(&error))?;
        let catalog = agreement.still(&now);
        if catalog.is_some() {
            tracing::debug!("neither the models nor the database have changed since the last check");
        }
        Ok(catalog.map(|catalog| Snapshot { catalog, fingerprint: now, ..Snapshot::default() }))
    }

    /// Keeps it that the database is as the models say.
    pub(crate) fn keep(&self, snapshot: &Snapshot) {
        self.cache.agree(&self.key, &Agreement::new(&snapshot.fingerprint, &snapshot.catalog));
    }
}

/// What tells this build from others, which may compare otherwise.
fn build() -> String {
    let file = std::env::current_exe().and_then(|path| path.metadata());
    let file = file.map(|file| (file.len(), file.modified().ok()));
    format!("{} {file:?}", env!("CARGO_PKG_VERSION"))
}
