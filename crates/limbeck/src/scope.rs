//! What is compared, as `[compare]` says it. What lies outside is wanted as it is: it is never touched, and
//! stands on scratch as context for the rest.

use std::borrow::Cow;
use std::sync::Arc;

use limbeck_catalog::{Catalog, Kind, Object, ObjectId};
use limbeck_migrate::alembic::VersionTable;

use crate::config::Compare;
use crate::context::Ctx;
use crate::exit::{Failure, Result};

/// What models want within the scope, and what is there outside of it.
pub(crate) fn within<'a>(ctx: &Ctx, live: &Catalog, declared: &'a Catalog) -> Result<Cow<'a, Catalog>> {
    let compare = &compare(ctx)?;
    if compare.rights {
        return Err(Failure::usage("`rights = true` under [compare] is not there yet")
            .help("remove it: owners and rights are carried, and not compared"));
    }
    let mut wanted = Cow::Borrowed(declared);
    if compare.extension_versions {
        ask_for_versions(wanted.to_mut());
    }
    if compare.include.is_empty() && compare.exclude.is_empty() && compare.schemas.is_empty() {
        return Ok(wanted);
    }
    let mut wanted = wanted.into_owned();
    wanted.objects.retain(|id, _| is_within(compare, id));
    let outside = live.objects.iter().filter(|(id, _)| !is_within(compare, id));
    wanted.objects.extend(outside.map(|(id, object)| (id.clone(), object.clone())));
    Ok(Cow::Owned(wanted))
}

/// What of a database models speak of.
pub(crate) fn restrict(ctx: &Ctx, catalog: &mut Catalog) -> Result<()> {
    let compare = &compare(ctx)?;
    catalog.objects.retain(|id, _| is_within(compare, id));
    if compare.extension_versions {
        ask_for_versions(catalog);
    }
    Ok(())
}

/// Where versions are asked for, models that name none don't say yet what the database has, though they are
/// content with it.
pub(crate) fn forget_unasked(ctx: &Ctx, declared: &Catalog, settled: &mut Catalog) -> Result<()> {
    if compare(ctx)?.extension_versions {
        let is_unasked = |object: &Object| matches!(object, Object::Extension(it) if it.version.is_none());
        settled.objects.retain(|id, _| !declared.get(id).is_some_and(is_unasked));
    }
    Ok(())
}

/// Extensions are of any version unless one is asked for: then of the one that is installed. What models say
/// of an extension has none installed, and stays as they say it.
fn ask_for_versions(catalog: &mut Catalog) {
    for object in catalog.objects.values_mut() {
        if let Object::Extension(extension) = object
            && extension.version.is_none()
        {
            let version = extension.installed.clone();
            Arc::make_mut(extension).version = version;
        }
    }
}

/// What the configuration says, and that a version table of Alembic's is never compared.
fn compare(ctx: &Ctx) -> Result<Compare> {
    let config = ctx.config()?;
    let mut compare = config.compare.clone();
    let alembic = config.migrations.alembic_version.as_deref().map(VersionTable::parse);
    compare.exclude.extend(alembic.map(|table| table.to_string()));
    Ok(compare)
}

fn is_within(compare: &Compare, id: &ObjectId) -> bool {
    if id.kind == Kind::Extension {
        return true;
    }
    let in_schema = compare.schemas.is_empty() || compare.schemas.iter().any(|schema| schema == id.schema());
    let matches = |patterns: &[String]| patterns.iter().any(|pattern| is_meant(pattern, id));
    in_schema && (compare.include.is_empty() || matches(&compare.include)) && !matches(&compare.exclude)
}

/// Whether a pattern means an object: `schema`, `schema.name` or `name`, with `*` for anything. What stands
/// in a table is meant with it.
fn is_meant(pattern: &str, id: &ObjectId) -> bool {
    let (schema, name) = (id.at(0), id.at(1));
    match pattern.split_once('.') {
        Some((in_schema, named)) => like(in_schema, schema) && like(named, name),
        None if name.is_empty() => like(pattern, schema),
        None => like(pattern, schema) || like(pattern, name),
    }
}

/// Whether a text is like a pattern in which `*` stands for any run of characters.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|tail| {
            tail.char_indices().map(|(at, _)| at).chain([tail.len()]).any(|at| like(rest, &tail[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_schemas_names_and_what_stands_in_tables() {
        let column = ObjectId::new(Kind::Column, ["audit", "log_2024", "at"]);
        for (pattern, meant) in [
            ("audit", true),
            ("audit.*", true),
            ("log_*", true),
            ("audit.log_2025", false),
            ("log", false),
            ("*24", true),
        ] {
            assert_eq!(is_meant(pattern, &column), meant, "{pattern}");
        }
    }
}
