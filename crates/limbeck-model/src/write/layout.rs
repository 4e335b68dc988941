//! Which object goes into which file: one a table or view in a folder a schema; types, sequences and
//! routines together; what belongs to the whole database apart.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_catalog::{Catalog, Kind, ObjectId, Section};

use super::document::Documents;
use crate::sections;

/// The file of what belongs to the whole database.
pub(crate) const DATABASE: &str = "database.yaml";

/// A file's schema, and what stands in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents {
    /// `public` where it isn't said.
    pub(crate) schema: String,
    /// The objects, in the order of kinds and names.
    pub(crate) ids: BTreeSet<ObjectId>,
}

/// The objects of each file.
pub(crate) fn files(catalog: &Catalog, documents: &Documents<'_>) -> BTreeMap<Utf8PathBuf, Contents> {
    let mut files: BTreeMap<Utf8PathBuf, Contents> = BTreeMap::new();
    let mut paths = Paths::default();
    for id in catalog.objects.keys().filter(|id| is_top(id.kind) && !documents.is_implied(id)) {
        let (path, schema) = if sections::is_in_schema(id.kind) {
            (paths.of(id), id.schema().to_owned())
        } else {
            (DATABASE.into(), "public".to_owned())
        };
        let contents = files.entry(path).or_default();
        contents.schema = schema;
        contents.ids.insert(id.clone());
    }
    drop_implied_schemas(&mut files, documents);
    files
}

/// Whether it stands at the top of a file.
pub(crate) fn is_top(kind: Kind) -> bool {
    matches!(kind.section(), Section::Top(_))
}

/// A schema is there by being a file's, and `public` anyway: it is written only if it has more to say.
fn drop_implied_schemas(files: &mut BTreeMap<Utf8PathBuf, Contents>, documents: &Documents<'_>) {
    let schemas: BTreeSet<String> = files
        .iter()
        .filter(|(path, _)| *path != DATABASE)
        .map(|(_, contents)| contents.schema.clone())
        .chain(["public".to_owned()])
        .collect();
    let Some(database) = files.get_mut(Utf8Path::new(DATABASE)) else { return };
    database.ids.retain(|id| {
        let implied = id.kind == Kind::Schema && schemas.contains(id.name());
        !implied || !documents.document(id, "public").is_empty_map()
    });
    if database.ids.is_empty() {
        files.remove(Utf8Path::new(DATABASE));
    }
}

/// Paths that differ on every file system, in case too.
#[derive(Default)]
struct Paths {
    taken: BTreeMap<String, ObjectId>,
    folders: BTreeMap<String, String>,
}

impl Paths {
    fn of(&mut self, id: &ObjectId) -> Utf8PathBuf {
        let folder = self.folder(id.schema());
        match shared(id.kind) {
            Some(file) => Utf8PathBuf::from(format!("{folder}/{file}.yaml")),
            None => {
                let stem = format!("{folder}/{}", safe(id.name()));
                format!("{}.yaml", free(&mut self.taken, stem, id)).into()
            }
        }
    }

    fn folder(&mut self, schema: &str) -> String {
        free(&mut self.folders, safe(schema), &schema.to_owned())
    }
}

/// A name that nobody else has, in any case: the wanted one, or with a number behind it.
fn free<T: Clone + PartialEq>(taken: &mut BTreeMap<String, T>, wanted: String, owner: &T) -> String {
    let (mut name, mut count) = (wanted.clone(), 1);
    while taken.entry(name.to_lowercase()).or_insert_with(|| owner.clone()) != owner {
        count += 1;
        name = format!("{wanted}-{count}");
    }
    name
}

/// The file that all objects of a kind share; `None` for those that have one each.
fn shared(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Enum | Kind::Domain | Kind::Composite => Some("_types"),
        Kind::Sequence => Some("_sequences"),
        kind if kind.is_routine() => Some("_functions"),
        kind if kind.is_relation() => None,
        _ => Some("_others"),
    }
}

/// A name as a file name: what some file system refuses becomes a dash, and so does a leading
/// underscore, which the shared files have.
fn safe(name: &str) -> String {
    let letter = |c: char| if c.is_alphanumeric() || "_-".contains(c) { c } else { '-' };
    let mut safe: String = name.chars().map(letter).collect();
    let reserved = ["con", "prn", "aux", "nul", "database"].contains(&safe.to_lowercase().as_str())
        || (safe.len() == 4 && ["com", "lpt"].iter().any(|p| safe.to_lowercase().starts_with(p)));
    if safe.is_empty() || reserved {
        safe.push('-');
    }
    if safe.starts_with('_') {
        safe.replace_range(0..1, "-");
    }
    safe
}
