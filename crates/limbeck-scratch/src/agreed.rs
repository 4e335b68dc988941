//! What an earlier run found to be the same: until the models or the database change, there is nothing to
//! read.
//!
//! The [key](key) is made of everything on our side that the answer follows from; the database's side is its
//! [fingerprint](limbeck_introspect::fingerprint()), which is kept with the answer.

use limbeck_catalog::Catalog;
use limbeck_catalog::catalog::Uncompared;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cache::{Cache, short};

/// The sort of agreements.
const AGREED: &str = "agreed";

/// That a database was as the models say, and what else was said of it then.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    fingerprint: String,
    /// Kinds and names.
    uncompared: Vec<(String, String)>,
    unreadable: Vec<String>,
}

impl Agreement {
    /// That a database with this fingerprint is as the models say.
    pub fn new(fingerprint: &str, catalog: &Catalog) -> Self {
        let uncompared = catalog.uncompared.iter().map(|what| (what.kind.clone(), what.name.clone()));
        Self {
            fingerprint: fingerprint.to_owned(),
            uncompared: uncompared.collect(),
            unreadable: catalog.unreadable.clone(),
        }
    }

    /// If the database is still as it was: a catalog without its objects, which nobody has to look at, and
    /// with all that is said besides.
    pub fn still(self, fingerprint: &str) -> Option<Catalog> {
        let uncompared = self.uncompared.into_iter().map(|(kind, name)| Uncompared { kind, name });
        (self.fingerprint == fingerprint).then(|| Catalog {
            uncompared: uncompared.collect(),
            unreadable: self.unreadable,
            ..Catalog::default()
        })
    }
}

/// A key made of some texts, in their order.
pub fn key<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        // With its length, so that no text can be taken for the end of one and the beginning of another.
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    short(hasher)
}

impl Cache {
    /// What an earlier run found under this key.
    pub fn agreement(&self, key: &str) -> Option<Agreement> {
        self.get(AGREED, key)
    }

    /// Keeps it for later runs.
    pub fn agree(&self, key: &str, agreement: &Agreement) {
        self.put(AGREED, key, agreement);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_know_where_a_text_ends() {
        assert_ne!(key(["ab", "c"]), key(["a", "bc"]));
        assert_ne!(key(["a"]), key(["a", ""]));
    }

    #[test]
    fn what_was_said_is_said_again_while_nothing_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path().to_str().expect("UTF-8"));
        let uncompared = vec![Uncompared { kind: "cast".into(), name: "a as b".into() }];
        let catalog = Catalog { uncompared, unreadable: vec!["x".into()], ..Catalog::default() };
        cache.agree("k", &Agreement::new("one", &catalog));
        let kept = || cache.agreement("k").expect("it is kept");
        let again = kept().still("one").expect("the same");
        assert_eq!((again.uncompared, again.unreadable), (catalog.uncompared, catalog.unreadable));
        assert!(kept().still("two").is_none() && cache.agreement("other").is_none());
    }
}
