//! What servers can do only from a major version on. Each kind says what of it that is
//! ([`Facts::asks`](crate::facts::Facts::asks)), so that models are told so with their line, before a server
//! answers with a syntax error.

use crate::{Catalog, Object};

/// Something that an object asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// The first major version that can do it.
    pub major: u16,
    /// What it is, for a reader.
    pub what: &'static str,
    /// Where in its document it is asked for: a key, and keys below it.
    pub keys: &'static [&'static str],
    /// Whether older servers take it and keep nothing of it: then it is left out for them, and no mistake.
    pub is_forgotten: bool,
}

impl Since {
    /// Of unique constraints and indexes.
    pub(crate) const NULLS_NOT_DISTINCT: Self =
        Self::new(15, "`nulls not distinct`", &["nulls_not_distinct"]);
    /// Of primary keys and unique constraints.
    pub(crate) const WITHOUT_OVERLAPS: Self = Self::new(18, "`without overlaps`", &["without_overlaps"]);
    /// Of checks and foreign keys.
    pub(crate) const NOT_ENFORCED: Self =
        Self::new(18, "a constraint that isn't enforced", &["not_enforced"]);

    pub(crate) const fn new(major: u16, what: &'static str, keys: &'static [&'static str]) -> Self {
        Self { major, what, keys, is_forgotten: false }
    }

    /// What older servers take and keep nothing of.
    pub(crate) const fn forgotten_before(
        major: u16,
        what: &'static str,
        keys: &'static [&'static str],
    ) -> Self {
        Self { is_forgotten: true, ..Self::new(major, what, keys) }
    }

    /// Those that are asked for.
    pub(crate) fn which<const N: usize>(all: [(bool, Self); N]) -> Vec<Self> {
        all.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, since)| since).collect()
    }

    /// Whether a server (`server_version_num`; 0 is none) does not have it.
    pub fn is_beyond(&self, server: u32) -> bool {
        server != 0 && server / 10_000 < u32::from(self.major)
    }
}

impl Object {
    /// What a server keeps of it; nothing if that is all of it.
    fn as_kept_by(&self, server: u32) -> Option<Object> {
        let forgotten: Vec<_> =
            self.asks().into_iter().filter(|since| since.is_forgotten && since.is_beyond(server)).collect();
        if forgotten.is_empty() {
            return None;
        }
        let mut document = self.to_document(serde_json::value::Serializer).ok()?;
        for key in forgotten.iter().filter_map(|since| since.keys.first()) {
            document.as_object_mut()?.remove(*key);
        }
        self.kind().from_document(document).ok()
    }
}

impl Catalog {
    /// Leaves out what a server takes and keeps nothing of: what models say that were pulled from a newer one,
    /// and what a newer scratch server adds by itself.
    pub fn forget_what_is_beyond(&mut self, server: u32) {
        for object in self.objects.values_mut() {
            if let Some(kept) = object.as_kept_by(server) {
                *object = kept;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Catalog, Kind, ObjectId};

    fn column(document: serde_json::Value) -> (ObjectId, crate::Object) {
        let id = ObjectId::new(Kind::Column, ["public", "t", "a"]);
        (id, Kind::Column.from_document(document).expect("a column"))
    }

    #[test]
    fn what_a_server_forgets_is_left_out_for_it_and_for_no_newer_one() {
        let named = serde_json::json!({"type": "integer", "not_null": true, "not_null_name": "there"});
        let plain = serde_json::json!({"type": "integer", "not_null": true});
        let kept = |server| {
            let mut catalog = Catalog::default();
            catalog.objects.extend([column(named.clone())]);
            catalog.forget_what_is_beyond(server);
            catalog.objects.into_iter().next().expect("the column")
        };
        assert_eq!(kept(140_023), column(plain));
        assert_eq!(kept(180_006), column(named.clone()));
        assert_eq!(kept(0), column(named.clone()), "no server is no old one");
    }
}
