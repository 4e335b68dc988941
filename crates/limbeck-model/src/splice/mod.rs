//! Models that are there, brought to what a catalog says: what did not change stays byte for byte,
//! comments and order included; what changed is written anew at its place, table by table.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use limbeck_catalog::document::{Node, Span, Value};
use limbeck_catalog::kinds::extension::Extension;
use limbeck_catalog::{Catalog, Change, Kind, Object, ObjectId, Pair, Section, Side};

mod edit;
mod entries;
mod place;

use edit::Edits;
use entries::SectionText;

use crate::read::Declared;
use crate::write::document::Documents;
use crate::write::layout::{self, Contents};
use crate::write::print::{self, Doc};
use crate::write::{WriteOptions, entry_name, header, schema as schema_line, sections as sections_of};
use crate::yaml;

/// A file that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The file.
    pub path: Utf8PathBuf,
    /// Its text now; `None` if it isn't there.
    pub before: Option<String>,
    /// Its text then; `None` if it goes.
    pub after: Option<String>,
}

/// What has to change in the models of `dir` so that they say what `new` holds. `settled` is what the
/// existing ones mean (their own catalog, where nothing could settle them): an object that is the same
/// there keeps its text.
pub fn update(
    dir: &Utf8Path,
    existing: &Declared,
    settled: &Catalog,
    new: &Catalog,
    options: &WriteOptions,
) -> Vec<FileChange> {
    let new = &*asking_for_versions(existing, new);
    let sections = entries::sections(existing);
    let own_entries = sections.iter().flat_map(|s| s.entries.iter().map(|(id, _)| id.clone())).collect();
    let documents = Documents::keeping(new, &own_entries);
    let mut update = Update {
        dir,
        existing,
        new,
        options,
        documents: &documents,
        sections: &sections,
        extents: entries::Extents::of(existing),
        edits: BTreeMap::new(),
        added: BTreeMap::new(),
        appended: BTreeSet::new(),
        emptied: BTreeSet::new(),
        rewritten: BTreeMap::new(),
    };
    for (index, _) in sections.iter().enumerate().filter(|(_, s)| entries::has_lines(existing, s.file)) {
        update.section(index, settled);
    }
    for file in (0..existing.files.len()).filter(|file| !entries::has_lines(existing, *file)) {
        update.whole_file(file, settled);
    }
    update.add(&own_entries);
    update.rewrite_sections();
    update.changes()
}

/// What a database holds, with the versions of extensions where models ask for one: they ask for the one
/// that is there.
fn asking_for_versions<'a>(existing: &Declared, new: &'a Catalog) -> Cow<'a, Catalog> {
    let mut new = Cow::Borrowed(new);
    for (id, object) in existing.catalog.of_kind(Kind::Extension) {
        let asks = matches!(object, Object::Extension(asked) if asked.version.is_some());
        if let Some(Object::Extension(there)) = new.get(id).filter(|_| asks) {
            let version = there.version.clone().or(there.installed.clone());
            let asked = Extension { version, ..Extension::clone(there) };
            new.to_mut().objects.insert(id.clone(), asked.into());
        }
    }
    new
}

struct Update<'a> {
    dir: &'a Utf8Path,
    existing: &'a Declared,
    new: &'a Catalog,
    options: &'a WriteOptions,
    documents: &'a Documents<'a>,
    sections: &'a [SectionText],
    extents: entries::Extents<'a>,
    edits: BTreeMap<usize, Edits>,
    /// New files.
    added: BTreeMap<Utf8PathBuf, Contents>,
    /// What is new in files that are there.
    appended: BTreeSet<ObjectId>,
    /// Sections, by index of file and key, of which nothing stays.
    emptied: BTreeSet<(usize, String)>,
    /// Sections, by index, that are written anew, with what they hold then.
    rewritten: BTreeMap<usize, BTreeSet<ObjectId>>,
}

impl Update<'_> {
    fn text(&self, file: usize) -> &str {
        &self.existing.files[file].text
    }

    /// What happens to the entries of a section.
    fn section(&mut self, index: usize, settled: &Catalog) {
        let section = &self.sections[index];
        let stays: Vec<_> = section.entries.iter().filter(|(id, _)| self.new.contains(id)).collect();
        let changed: Vec<_> = stays
            .iter()
            .filter(|(id, extent)| !self.is_same(id, *extent, settled))
            .map(|(id, _)| id.clone())
            .collect();
        let absent_goes = section.absent.filter(|_| self.new.contains(&public()));
        let absent_stays = section.absent.is_some() && absent_goes.is_none();
        let removes = stays.len() < section.entries.len() || absent_goes.is_some();
        if stays.is_empty() && !absent_stays && removes {
            self.emptied.insert((section.file, section.key.text.clone()));
            let lines = edit::lines_with_comment(self.text(section.file), section.span);
            self.edits.entry(section.file).or_default().replace(lines, String::new());
        } else if !section.is_block && (removes || !changed.is_empty()) {
            let ids = stays.iter().map(|(id, _)| id.clone());
            self.rewritten.entry(index).or_default().extend(ids);
        } else {
            self.entries(section, &changed, absent_goes);
        }
    }

    fn entries(&mut self, section: &SectionText, changed: &[ObjectId], absent_goes: Option<Span>) {
        for (id, extent) in &section.entries {
            let text = self.text(section.file);
            if !self.new.contains(id) {
                let lines = edit::lines_with_comment(text, *extent);
                self.edits.entry(section.file).or_default().replace(lines, String::new());
            } else if changed.contains(id) {
                let lines = edit::lines(text, *extent);
                let indent = entries::indent(text, extent.start).unwrap_or_default();
                let entry = self.entry(id, section.file, indent);
                self.edits.entry(section.file).or_default().replace(lines, entry);
            }
        }
        if let Some(extent) = absent_goes {
            let lines = edit::lines(self.text(section.file), extent);
            self.edits.entry(section.file).or_default().replace(lines, String::new());
        }
    }

    fn entry(&self, id: &ObjectId, file: usize, indent: usize) -> String {
        let document = self.documents.document(id, entries::schema(self.existing, file));
        let mut entry = String::new();
        print::entry(&mut entry, &entry_name(id), &document, indent);
        entry
    }

    /// Sections that a hand wrote on one line, or as lists, are written anew as a whole.
    fn rewrite_sections(&mut self) {
        for (index, ids) in std::mem::take(&mut self.rewritten) {
            let section = &self.sections[index];
            let schema = entries::schema(self.existing, section.file).to_owned();
            let text = print::file(&sections_of(&Contents { schema, ids }, self.documents));
            let lines = edit::lines(self.text(section.file), section.span);
            self.edits.entry(section.file).or_default().replace(lines, text);
        }
    }

    /// A file that is one pair of braces, or indented as a whole, is written anew if anything changes.
    fn whole_file(&mut self, file: usize, settled: &Catalog) {
        let entries = self.sections.iter().filter(|s| s.file == file).flat_map(|s| &s.entries);
        let (ids, gone): (Vec<_>, Vec<_>) = entries.partition(|(id, _)| self.new.contains(id));
        if gone.is_empty() && ids.iter().all(|(id, extent)| self.is_same(id, *extent, settled)) {
            return;
        }
        let schema = entries::schema(self.existing, file).to_owned();
        let contents = Contents { schema, ids: ids.into_iter().map(|(id, _)| id.clone()).collect() };
        let text = schema_line(&contents) + &print::file(&sections_of(&contents, self.documents));
        let all = 0..self.text(file).len();
        self.edits.entry(file).or_default().replace(all, text);
    }

    /// Whether an entry says now what it has to say then.
    fn is_same(&self, id: &ObjectId, extent: Span, settled: &Catalog) -> bool {
        let now = self.extents.within(extent);
        // What the server adds by itself (an extension comes with a comment) need not be said.
        let implied = |id: &&ObjectId| settled.contains(id) && !self.existing.catalog.contains(id);
        let all = self.documents.within(id);
        let then: BTreeSet<_> = all.iter().copied().filter(|id| now.contains(id) || !implied(id)).collect();
        let side = |catalog| Side { catalog, restoring: false };
        let sides = Pair { from: side(settled), to: side(self.new) };
        let same = |id: &&ObjectId| match (settled.get(id), self.new.get(id)) {
            (Some(from), Some(to)) => Pair { from, to }.alter(id, sides) == Change::Same,
            _ => false,
        };
        now == then && all.iter().all(same) && self.has_same_order(id)
    }

    fn has_same_order(&self, table: &ObjectId) -> bool {
        let order = |catalog: &Catalog| {
            let mut columns: Vec<_> =
                catalog.members(table, Kind::Column).map(|(id, _)| id.clone()).collect();
            columns.sort_by_key(|id| catalog.positions.get(id).copied());
            columns
        };
        order(&self.existing.catalog) == order(self.new)
    }

    /// What has no entry yet goes where its like are.
    fn add(&mut self, own_entries: &BTreeSet<ObjectId>) {
        let mut files = layout::files(self.new, self.documents);
        let is_bare_schema =
            |id: &ObjectId| id.kind == Kind::Schema && self.documents.document(id, "public").is_empty_map();
        for contents in files.values_mut() {
            contents.ids.retain(|id| !own_entries.contains(id) && !is_bare_schema(id));
        }
        let mut additions: BTreeMap<(usize, Kind), BTreeSet<ObjectId>> = BTreeMap::new();
        for (path, contents) in files {
            for id in contents.ids {
                let place = place::find(self.existing, self.sections, self.dir, &path, &id, &contents.schema);
                match place {
                    place::Place::File(file) => {
                        additions.entry((file, id.kind)).or_default().insert(id);
                    }
                    place::Place::New(path) => {
                        let of_another = |path: &Utf8PathBuf| {
                            self.added.get(path).is_some_and(|new| new.schema != contents.schema)
                        };
                        let path = place::numbered(path, of_another);
                        let new = self.added.entry(path).or_default();
                        new.schema.clone_from(&contents.schema);
                        new.ids.insert(id);
                    }
                }
            }
        }
        for ((file, kind), ids) in additions {
            self.append(file, kind, &ids);
        }
    }

    /// Adds entries to a file: to its section, or a section at its end.
    fn append(&mut self, file: usize, kind: Kind, ids: &BTreeSet<ObjectId>) {
        let Section::Top(key) = kind.section() else { return };
        self.appended.extend(ids.iter().cloned());
        let mut all = self.sections.iter().enumerate();
        let section = all.find(|(_, section)| section.file == file && section.key.text == key);
        let gone = self.emptied.contains(&(file, key.to_owned()));
        match section.filter(|_| !gone) {
            Some((_, section)) if section.is_block => {
                let Some((_, last)) = section.entries.last() else { return };
                let text = self.text(file);
                let indent = entries::indent(text, last.start).unwrap_or(2);
                let apart = kind.is_relation() || kind.is_routine();
                let new: String = ids
                    .iter()
                    .map(|id| format!("{}{}", if apart { "\n" } else { "" }, self.entry(id, file, indent)))
                    .collect();
                let at = edit::lines(text, *last).end;
                self.edits.entry(file).or_default().insert(at, new);
            }
            Some((index, section)) => {
                let there = section.entries.iter().map(|(id, _)| id).filter(|id| self.new.contains(id));
                self.rewritten.entry(index).or_default().extend(there.chain(ids).cloned());
            }
            None => {
                let schema = entries::schema(self.existing, file).to_owned();
                let contents = Contents { schema, ids: ids.clone() };
                let text = print::file(&sections_of(&contents, self.documents));
                let at = self.text(file).len();
                self.emptied.retain(|(of, _)| *of != file || gone);
                self.edits.entry(file).or_default().insert(at, format!("\n{text}"));
            }
        }
    }

    fn changes(mut self) -> Vec<FileChange> {
        let mut changes = Vec::new();
        let mut schemas: BTreeSet<String> =
            self.added.values().map(|contents| contents.schema.clone()).collect();
        let edits = std::mem::take(&mut self.edits);
        let mut stays = !self.added.is_empty();
        for (file, source) in self.existing.files.iter().enumerate() {
            let after = match edits.get(&file) {
                Some(edits) => edits.clone().apply(&source.text),
                None => source.text.clone(),
            };
            let schema = entries::schema(self.existing, file);
            let of_nothing = schema != "public" && !self.new.contains(&ObjectId::new(Kind::Schema, [schema]));
            let goes = (edits.contains_key(&file) || of_nothing) && says_nothing(&after);
            if !goes {
                stays = true;
                schemas.insert(schema.to_owned());
            }
            let after = (!goes).then_some(after);
            if after.as_ref() != Some(&source.text) {
                changes.push(FileChange {
                    path: source.path.clone(),
                    before: Some(source.text.clone()),
                    after,
                });
            }
        }
        self.database(&schemas, stays, &mut changes);
        changes.extend(self.added.iter().map(|(path, contents)| {
            let text = print::file(&sections_of(contents, self.documents));
            let text = header(self.relative(path), self.options) + &schema_line(contents) + &text;
            FileChange { path: path.clone(), before: None, after: Some(text) }
        }));
        changes
    }

    /// Schemas that no file is for any more, an absent `public`, and an intended nothing.
    fn database(&self, schemas: &BTreeSet<String>, stays: bool, changes: &mut Vec<FileChange>) {
        let has_entry = |id: &ObjectId| self.sections.iter().any(|s| s.entries.iter().any(|(e, _)| e == id));
        let lost = self.new.of_kind(Kind::Schema).map(|(id, _)| id).filter(|id| {
            let added = self.added.values().any(|contents| contents.ids.contains(id));
            let has_place = has_entry(id) || added || self.appended.contains(*id);
            !schemas.contains(id.name()) && id.name() != "public" && !has_place
        });
        let mut entries: Vec<(String, Doc)> =
            lost.map(|id| (id.name().to_owned(), self.documents.document(id, "public"))).collect();
        if !self.new.contains(&public()) && self.sections.iter().all(|section| section.absent.is_none()) {
            entries.push(("public".to_owned(), Doc::Text("absent".to_owned())));
        }
        let section = match (entries.is_empty(), stays) {
            (true, true) => return,
            (true, false) => ("tables".to_owned(), Doc::Map(Vec::new())),
            (false, _) => ("schemas".to_owned(), Doc::Block { entries, apart: false }),
        };
        let mut path = self.dir.join(layout::DATABASE);
        let taken = |path: &Utf8Path| {
            self.added.contains_key(path) || self.existing.files.iter().any(|file| file.path == path)
        };
        while taken(&path) {
            path.set_file_name(format!("schemas-{}", path.file_name().unwrap_or(layout::DATABASE)));
        }
        let text = header(self.relative(&path), self.options) + &print::file(&[section]);
        changes.push(FileChange { path, before: None, after: Some(text) });
    }

    fn relative<'p>(&self, path: &'p Utf8Path) -> &'p Utf8Path {
        path.strip_prefix(self.dir).unwrap_or(path)
    }
}

fn public() -> ObjectId {
    ObjectId::new(Kind::Schema, ["public"])
}

/// Whether a text declares no more than its schema.
fn says_nothing(text: &str) -> bool {
    let is_empty = |node: &Node| match &node.value {
        Value::Null => true,
        Value::Scalar { .. } => false,
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
    };
    match &yaml::parse(text, 0, &mut Vec::new()).value {
        Value::Map(keys) => keys.iter().all(|(key, node)| key.text == "schema" || is_empty(node)),
        Value::Null => true,
        Value::Scalar { .. } | Value::List(_) => false,
    }
}
