//! Labels of enums that the models say are others under a new name. A label is no object of its own: what is
//! declared of one is declared under the enum's path and the label.

use std::collections::BTreeSet;

use limbeck_catalog::kinds::enumeration::labels;
use limbeck_catalog::{Catalog, Kind, Object, ObjectId, Pair};

use super::{Declared, Ground, Rename};

/// The declared renames of labels, where the old one is there and the new one isn't.
pub(super) fn renames(catalogs: Pair<&Catalog>, declared: &Declared) -> Vec<Rename> {
    let is_label = |id: &&ObjectId| id.kind == Kind::Enum && id.path.len() == 3;
    let labels = declared.iter().filter(|(id, _)| is_label(id));
    labels.filter_map(|(id, formers)| rename(catalogs, id, formers)).collect()
}

fn rename(catalogs: Pair<&Catalog>, id: &ObjectId, formers: &[String]) -> Option<Rename> {
    let (of, label) = (id.prefix(Kind::Enum, 2), id.name());
    let [from, to] = [catalogs.from, catalogs.to].map(|catalog| values(catalog, &of));
    let (from, to) = (from?, to?);
    let former =
        formers.iter().find(|former| from.contains(former.as_str()) && !to.contains(former.as_str()))?;
    let (there, back) = (labels::rename(&of, former, label), labels::rename(&of, label, former));
    let is_new = to.contains(label) && !from.contains(label);
    let ground = Ground::Declared;
    is_new.then(|| Rename { from: of.clone(), to: of, ground, there: vec![there], back: vec![back] })
}

fn values<'a>(catalog: &'a Catalog, id: &ObjectId) -> Option<BTreeSet<&'a str>> {
    match catalog.get(id)? {
        Object::Enum(facts) => Some(facts.values.iter().map(String::as_str).collect()),
        _ => None,
    }
}
