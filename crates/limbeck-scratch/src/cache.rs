//! Settled models, kept between runs: what a server said of them, under a name made of their content and
//! its version. Safe to delete at any moment, and never more than a shortcut: a file that can't be read
//! is as if it were not there.

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_catalog::Catalog;
use limbeck_introspect::Recording;
use sha2::{Digest, Sha256};

/// A folder of settled models; `None` keeps nothing.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    folder: Option<Utf8PathBuf>,
}

/// So many files are kept; the oldest go.
const KEPT: usize = 20;

impl Cache {
    /// A cache in a folder, which is made when something is kept.
    pub fn new(folder: impl AsRef<Utf8Path>) -> Self {
        Self { folder: Some(folder.as_ref().to_owned()) }
    }

    /// No cache.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether it keeps nothing.
    pub(crate) fn is_off(&self) -> bool {
        self.folder.is_none()
    }

    /// What the models came to on a server of this version, if that is known.
    pub(crate) fn load(&self, declared: &Catalog, server: u32) -> Option<Catalog> {
        let text = fs_err::read_to_string(self.path(declared, server)?).ok()?;
        let recording: Recording = serde_json::from_str(&text).ok()?;
        recording.replay().ok().map(|snapshot| snapshot.catalog)
    }

    /// Keeps what the models came to.
    pub(crate) fn store(&self, declared: &Catalog, server: u32, recording: &Recording) {
        if let Err(error) = self.try_store(declared, server, recording) {
            tracing::debug!("the settled models are not kept: {error}");
        }
    }

    fn try_store(&self, declared: &Catalog, server: u32, recording: &Recording) -> std::io::Result<()> {
        let (Some(folder), Some(path)) = (&self.folder, self.path(declared, server)) else { return Ok(()) };
        fs_err::create_dir_all(folder)?;
        let ignore = folder.join(".gitignore");
        if !ignore.exists() {
            fs_err::write(ignore, "*\n")?;
        }
        // Written beside and renamed, so that another run never sees half of it.
        let draft = folder.join(format!("draft-{}", std::process::id()));
        fs_err::write(&draft, serde_json::to_vec(recording)?)?;
        fs_err::rename(&draft, &path)?;
        let settled = |file: &fs_err::DirEntry| file.file_name().to_string_lossy().starts_with("settled-");
        let mut files: Vec<_> = fs_err::read_dir(folder)?.flatten().filter(settled).collect();
        files.sort_by_key(|file| file.metadata().and_then(|m| m.modified()).ok());
        let surplus = files.len().saturating_sub(KEPT);
        files.into_iter().take(surplus).try_for_each(|file| fs_err::remove_file(file.path()))
    }

    fn path(&self, declared: &Catalog, server: u32) -> Option<Utf8PathBuf> {
        let folder = self.folder.as_ref()?;
        let mut hasher = Sha256::new();
        hasher.update(format!("{} {}\n", env!("CARGO_PKG_VERSION"), server / 10_000));
        for (id, object) in &declared.objects {
            hasher.update(format!("{id}: {object:?}\n"));
        }
        let digest: String = hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Some(folder.join(format!("settled-{digest}.json")))
    }
}
