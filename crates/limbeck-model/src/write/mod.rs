//! A catalog to model files, as a person would have written them: canonical, in stable order.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_catalog::{Catalog, Kind, ObjectId, Section};

mod circular;
pub(crate) mod document;
pub(crate) mod layout;
pub(crate) mod print;
mod scalar;

use document::Documents;
use layout::Contents;
use print::Doc;

/// How models are written.
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    /// Where the JSON Schema stands, relative to the models' folder: editors are pointed to it in
    /// each file's first line.
    pub schema_file: Option<Utf8PathBuf>,
}

/// The files of a catalog, by their paths in the models' folder. There is always one: a database that
/// holds nothing is an intended nothing.
pub fn write(catalog: &Catalog, options: &WriteOptions) -> BTreeMap<Utf8PathBuf, String> {
    let documents = Documents::new(catalog);
    let mut files = layout::files(catalog, &documents);
    let public_is_absent = !catalog.contains(&ObjectId::new(Kind::Schema, ["public"]));
    if files.is_empty() || public_is_absent {
        files.entry(layout::DATABASE.into()).or_default().schema = "public".to_owned();
    }
    files
        .into_iter()
        .map(|(path, contents)| {
            let is_database = path == layout::DATABASE;
            let mut entries = sections(&contents, &documents);
            if is_database && public_is_absent {
                say_absent(&mut entries);
            }
            if entries.is_empty() {
                entries.push(("tables".to_owned(), Doc::Map(Vec::new())));
            }
            let text = header(&path, options) + &schema(&contents) + &print::file(&entries);
            (path, text)
        })
        .collect()
}

/// The sections of a file.
pub(crate) fn sections(contents: &Contents, documents: &Documents<'_>) -> Vec<(String, Doc)> {
    let mut sections: Vec<(String, Doc)> = Vec::new();
    for id in &contents.ids {
        let Section::Top(key) = id.kind.section() else { continue };
        let entry = (entry_name(id), documents.document(id, &contents.schema));
        match sections.iter_mut().find(|(section, _)| section == key) {
            Some((_, Doc::Block { entries, .. })) => entries.push(entry),
            _ => {
                let apart = id.kind.is_relation() || id.kind.is_routine();
                sections.push((key.to_owned(), Doc::Block { entries: vec![entry], apart }));
            }
        }
    }
    for (_, section) in &mut sections {
        if let Doc::Block { entries, .. } = section
            && entries.iter().all(|(_, doc)| doc.is_empty_map())
        {
            *section = Doc::List(entries.iter().map(|(name, _)| Doc::Text(name.clone())).collect());
        }
    }
    sections
}

/// The key that an object has in its section: a routine's with its argument types.
pub(crate) fn entry_name(id: &ObjectId) -> String {
    if id.kind.is_routine() { crate::sections::routine_key(id.at(1), id.at(2)) } else { id.name().to_owned() }
}

fn say_absent(entries: &mut Vec<(String, Doc)>) {
    let absent = ("public".to_owned(), Doc::Text("absent".to_owned()));
    let own = match entries.iter_mut().find(|(key, _)| key == "schemas") {
        Some((_, own)) => own,
        None => {
            entries.insert(0, ("schemas".to_owned(), Doc::Map(Vec::new())));
            &mut entries[0].1
        }
    };
    match own {
        Doc::Block { entries, .. } | Doc::Map(entries) => entries.push(absent),
        Doc::List(names) => {
            let named = names.iter().filter_map(|name| match name {
                Doc::Text(name) => Some((name.clone(), Doc::Map(Vec::new()))),
                _ => None,
            });
            *own = Doc::Block { entries: named.chain([absent]).collect(), apart: false };
        }
        Doc::Null | Doc::Plain(_) | Doc::Text(_) => {}
    }
}

/// `# yaml-language-server: …`, where there is a JSON Schema to point to.
pub(crate) fn header(path: &Utf8Path, options: &WriteOptions) -> String {
    let Some(schema) = &options.schema_file else { return String::new() };
    let up = "../".repeat(path.components().count().saturating_sub(1));
    format!("# yaml-language-server: $schema={up}{schema}\n")
}

/// The file's schema, unless it is `public`.
pub(crate) fn schema(contents: &Contents) -> String {
    if contents.schema == "public" {
        return String::new();
    }
    let mut text = String::new();
    print::entry(&mut text, "schema", &Doc::Text(contents.schema.clone()), 0);
    text + "\n"
}
