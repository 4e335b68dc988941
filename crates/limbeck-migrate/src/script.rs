//! `--sql`: a run as a script for `psql`, made without a database. It does what a run does: the same
//! session, the same transactions, the same rows; and it refuses a database that stands elsewhere.

use std::ops::Range;

use limbeck_sql::literal;

use crate::error::Result;
use crate::file::{Direction, Part, Revision, RevisionId, checksum, statements};
use crate::graph::Graph;
use crate::plan;
use crate::run::{Settings, lock_key, pinned, sums};
use crate::version::{Applied, Found, State};

/// The script that brings a database from one place to another.
///
/// # Errors
/// If a word can't be resolved, or `to` doesn't lead in that direction from `from`.
pub fn script(
    graph: &Graph,
    settings: &Settings,
    direction: Direction,
    from: &str,
    to: &str,
) -> Result<String> {
    let standing = plan::stamp(graph, &[], &[from], true)?;
    let applied: Vec<Applied> =
        standing.iter().filter_map(|id| graph.get(id)).map(|revision| assumed(revision, settings)).collect();
    let planned = match direction {
        Direction::Upgrade => plan::upgrade(graph, &applied, to)?,
        Direction::Downgrade => plan::downgrade(graph, &applied, to)?,
    };
    let mut out = opening(settings, &format!("{} from {from} to {to}", direction.word()));
    out.push_str(&guard(settings, &standing, from));
    out.push_str(&tables(settings));
    out.push_str(&session(settings));
    let revisions = planned.iter().filter_map(|plan| graph.get(&plan.revision));
    out.push_str(&revisions_script(revisions, direction, settings));
    Ok(out)
}

/// The script that records where a database stands, and runs nothing else. With `purge` it looks at nothing
/// that is recorded.
///
/// # Errors
/// If a word can't be resolved.
pub fn stamp(
    graph: &Graph,
    settings: &Settings,
    from: &str,
    targets: &[&str],
    purge: bool,
) -> Result<String> {
    let from = if purge { "base" } else { from };
    let standing = plan::stamp(graph, &[], &[from], true)?;
    let applied: Vec<Applied> =
        standing.iter().filter_map(|id| graph.get(id)).map(|revision| assumed(revision, settings)).collect();
    let wanted = plan::stamp(graph, &applied, targets, false)?;
    let (table, tool) = (&settings.table, &settings.tool_version);
    let mut out = opening(settings, &format!("stamp {}", targets.join(" ")));
    if !purge {
        out.push_str(&guard(settings, &standing, from));
    }
    out.push_str(&tables(settings));
    out.push_str(&session(settings));
    out.push_str("\nbegin;\n");
    if purge {
        out.push_str(&format!("{};\n", table.unstamp_others_sql(&wanted, tool)));
    }
    let gone = standing.iter().filter(|id| !wanted.contains(id));
    gone.for_each(|id| out.push_str(&format!("{};\n", table.unstamp_sql(id, tool))));
    let come = wanted.iter().filter(|id| !standing.contains(id)).filter_map(|id| graph.get(id));
    come.for_each(|revision| {
        out.push_str(&format!("{};\n", table.stamp_sql(revision, &sums(revision), tool)));
    });
    out.push_str("commit;\n");
    Ok(out)
}

/// The script that makes the tables of versions, as far as they aren't there.
pub fn ensure_version(settings: &Settings) -> String {
    format!("{}{}", opening(settings, "the version table"), tables(settings))
}

/// The row of a revision that is taken to be applied.
pub(crate) fn assumed(revision: &Revision, settings: &Settings) -> Applied {
    let [upgrade_sha256, downgrade_sha256] = sums(revision);
    Applied {
        revision: revision.id().clone(),
        parents: revision.header.parents.clone(),
        message: revision.header.message.clone(),
        upgrade_sha256,
        downgrade_sha256,
        applied_at: String::new(),
        duration_ms: None,
        applied_by: String::new(),
        tool_version: settings.tool_version.clone(),
        state: State::Applied,
    }
}

fn opening(settings: &Settings, what: &str) -> String {
    format!(
        "-- {}: {what}\n-- For psql: psql -v ON_ERROR_STOP=1 -f FILE\n\
         \\set ON_ERROR_STOP on\n\\set AUTOCOMMIT on\nset client_encoding = 'UTF8';\n",
        settings.tool_version,
    )
}

/// Takes the lock that a run takes, and looks whether exactly these revisions are applied.
fn guard(settings: &Settings, standing: &[RevisionId], from: &str) -> String {
    let ids: Vec<String> = standing.iter().map(|id| literal(id.as_str())).collect();
    let table = settings.table.qualified();
    format!(
        "
do $limbeck$
declare
  expected text[] := array[{}]::text[];
  there text[] := '{{}}';
begin
  if not pg_catalog.pg_try_advisory_lock({}) then
    raise exception 'limbeck: another run is at work on this database'
      using hint = 'wait until it is done, and run this script again';
  end if;
  if pg_catalog.to_regclass({}) is not null then
    there := array(select revision || case state when 'applied' then '' else ' (' || state || ')' end from {table});
  end if;
  if not (there <@ expected and expected <@ there) then
    raise exception 'limbeck: this script begins at %, and the database is elsewhere', {}
      using detail = pg_catalog.format('applied here, and not expected: %s; expected, and not applied here: %s',
        array(select unnest(there) except select unnest(expected) order by 1),
        array(select unnest(expected) except select unnest(there) order by 1)),
      hint = 'nothing was changed; make the script anew from where the database stands';
  end if;
end
$limbeck$;
",
        ids.join(", "),
        lock_key(&settings.table),
        literal(&table),
        literal(from),
    )
}

/// Makes what isn't there. Looked at first, as `if not exists` asks for the right to create all the same.
fn tables(settings: &Settings) -> String {
    let table = &settings.table;
    let all = Found { schema: true, table: true, history: true };
    let pieces = [
        ("to_regnamespace", limbeck_sql::ident(&table.schema), Found { schema: false, ..all }),
        ("to_regclass", table.qualified(), Found { table: false, ..all }),
        ("to_regclass", table.qualified_history(), Found { history: false, ..all }),
    ];
    let piece = |(look, name, found): (&str, String, Found)| {
        format!(
            "select pg_catalog.{look}({}) is null as limbeck_missing \\gset\n\\if :limbeck_missing\n{}\\endif\n",
            literal(&name),
            table.missing_sql(found)
        )
    };
    format!("\n{}", pieces.map(piece).concat())
}

/// The session as a run pins it. `psql` prints no result that goes into a variable.
fn session(settings: &Settings) -> String {
    let set = |(key, value): (&str, &str)| set_config(key, value, false);
    let settings: String = pinned(settings).into_iter().map(set).collect();
    format!("set client_encoding = 'UTF8'; set TimeZone = 'UTC'; set DateStyle = 'ISO, MDY';\n{settings}")
}

fn set_config(key: &str, value: &str, local: bool) -> String {
    format!("select pg_catalog.set_config({}, {}, {local}) \\gset limbeck_\n", literal(key), literal(value))
}

/// All revisions: a transaction each, or one for as many as can share it.
fn revisions_script<'a>(
    revisions: impl Iterator<Item = &'a Revision>,
    direction: Direction,
    settings: &Settings,
) -> String {
    let (mut out, mut open) = (String::new(), false);
    for revision in revisions {
        let parts = revision.parts(direction);
        let whole = pieces(parts).len() == 1 && !parts.iter().any(|part| part.text.no_transaction);
        let join = whole && !settings.transaction_per_revision;
        if open != join {
            out.push_str(if join { "\nbegin;\n" } else { "\ncommit;\n" });
            open = join;
        }
        out.push_str(&revision_script(revision, direction, settings, open));
    }
    if open {
        out.push_str("\ncommit;\n");
    }
    out
}

/// One revision: what goes together in a transaction, each time with the version row's state after it.
fn revision_script(revision: &Revision, direction: Direction, settings: &Settings, open: bool) -> String {
    let parts = revision.parts(direction);
    let message = revision.header.message.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = format!("\n-- {} {}: {message}\n", direction.word(), revision.id());
    for range in pieces(parts) {
        let alone = parts[range.clone()].iter().any(|part| part.text.no_transaction);
        if alone && range.start == 0 {
            // What comes first has no row before it that says that it begins.
            out.push_str(&format!("{};\n", row(revision, direction, 0, settings)));
        }
        let row = row(revision, direction, range.end, settings);
        let run = parts[range].iter().filter(|part| !statements(&part.text.sql).is_empty());
        let run: String = run.map(|part| part_script(part, !alone, settings)).collect();
        let (begin, commit) = if alone || open { ("", "") } else { ("begin;\n", "commit;\n") };
        out.push_str(&format!("{begin}{run}{row};\n{commit}"));
    }
    out
}

/// Parts that go together: those in one transaction; one that runs outside; none, where there is no part.
fn pieces(parts: &[Part]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let (alone, of) = (part.text.no_transaction, &part.text.of);
        match pieces.last_mut() {
            Some(last)
                if !alone && !parts[last.start].text.no_transaction && parts[last.start].text.of == *of =>
            {
                last.end = index + 1;
            }
            Some(_) | None => pieces.push(index..index + 1),
        }
    }
    if pieces.is_empty() {
        pieces.push(0..0);
    }
    pieces
}

/// The version row after so many parts, as a run writes it, so that a run can go on from there. A row on the
/// way without a duration says that the next part was begun, which only one outside a transaction can be.
fn row(revision: &Revision, direction: Direction, reached: usize, settings: &Settings) -> String {
    let (table, tool, mut sums) = (&settings.table, &settings.tool_version, sums(revision));
    let parts = revision.parts(direction);
    let half = reached < parts.len();
    let state = match direction {
        Direction::Upgrade if half => State::Upgrading(reached),
        Direction::Downgrade if half => State::Downgrading(reached),
        Direction::Upgrade => State::Applied,
        Direction::Downgrade => return table.delete_sql(revision.id(), "null", tool),
    };
    if half {
        sums[usize::from(direction == Direction::Downgrade)] = checksum(&parts[..reached]);
    }
    let begun = parts.get(reached).is_none_or(|next| next.text.no_transaction);
    table.upsert_sql(revision, state, &sums, if begun { "null" } else { "0" }, tool)
}

fn part_script(part: &Part, local: bool, settings: &Settings) -> String {
    let own: String = part.text.settings.iter().map(|(key, value)| set_config(key, value, local)).collect();
    let sql = terminated(part.text.sql.trim_matches('\n'));
    let session = session(settings);
    format!("{own}{sql}\nreset session authorization; reset role; reset all;\n{session}")
}

/// SQL whose last statement has its semicolon, before whatever comment follows it.
fn terminated(sql: &str) -> String {
    let Some(last) = statements(sql).last().copied() else { return sql.to_owned() };
    let (text, after) = sql.split_at(last.end);
    let ended = limbeck_sql::tokens(after).any(|token| token.text == ";");
    if ended { sql.to_owned() } else { format!("{text};{after}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::parse;

    fn graph() -> Graph {
        let first = "-- limbeck:revision aaa\n-- message: first\n-- limbeck:upgrade\ncreate table t ()\n\
                     -- limbeck:upgrade no-transaction lock_timeout=5s\ncreate index concurrently i on t (a);\n\
                     -- limbeck:downgrade\ndrop table t;\n";
        let second = "-- limbeck:revision bbb\n-- parents: aaa\n-- limbeck:upgrade\nselect 2;\n";
        Graph::new(vec![parse("a.sql".into(), first).unwrap(), parse("b.sql".into(), second).unwrap()])
            .unwrap()
    }

    #[test]
    fn transactions_end_before_what_cannot_run_in_one() {
        let text = script(&graph(), &Settings::default(), Direction::Upgrade, "base", "aaa").unwrap();
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part} in {text}"));
        let order = [
            "create table if not exists public.limbeck_version",
            "begin;\ncreate table",
            "create table t ();\n",
            "'upgrading', 1",
            "commit;",
            "'lock_timeout', '5s', false",
            "create index concurrently i on t (a);\nreset",
            "'applied', 0",
        ];
        assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{text}");
        assert!(!text.contains("select 2") && !text.contains("\n;"), "{text}");
    }

    #[test]
    fn one_transaction_for_all_is_one_in_a_script_too() {
        let text = |graph: &Graph| {
            let settings = Settings { transaction_per_revision: false, ..Settings::default() };
            let text = script(graph, &settings, Direction::Upgrade, "base", "head").unwrap();
            let shown =
                ["begin;", "commit;", "-- upgrade aaa: first", "-- upgrade bbb: ", "-- upgrade ccc: "];
            text.lines().filter(|line| shown.contains(line)).collect::<Vec<_>>().join(" ")
        };
        let line = |id: &str, parent: &str| {
            let text =
                format!("-- limbeck:revision {id}\n-- parents: {parent}\n-- limbeck:upgrade\nselect 1;\n");
            parse("x.sql".into(), &text).unwrap()
        };
        let all = graph().revisions().iter().cloned().chain([line("ccc", "bbb")]).collect();
        assert_eq!(
            text(&Graph::new(all).unwrap()),
            "-- upgrade aaa: first begin; commit; begin; -- upgrade bbb:  -- upgrade ccc:  commit;"
        );
    }

    #[test]
    fn statements_end_before_the_comments_after_them() {
        assert_eq!(terminated("select 1 -- one"), "select 1; -- one");
        assert_eq!(terminated("select 1; -- one"), "select 1; -- one");
        assert_eq!(terminated("select 1\n/* ; */"), "select 1;\n/* ; */");
        assert_eq!(terminated("-- nothing"), "-- nothing");
    }

    #[test]
    fn a_stamp_moves_rows_and_runs_nothing() {
        let text = stamp(&graph(), &Settings::default(), "bbb", &["aaa"], false).unwrap();
        assert!(
            text.contains("array['aaa', 'bbb']::text[]") && text.contains("where revision = 'bbb'"),
            "{text}"
        );
        assert!(!text.contains("create table t"), "{text}");
        let text = stamp(&graph(), &Settings::default(), "base", &["heads"], true).unwrap();
        assert!(
            text.contains("revision <> all (array['aaa', 'bbb']::text[])") && !text.contains("expected"),
            "{text}"
        );
    }

    #[test]
    fn a_downgrade_forgets_its_row() {
        let text = script(&graph(), &Settings::default(), Direction::Downgrade, "bbb", "aaa").unwrap();
        assert!(text.contains("delete from public.limbeck_version where revision = 'bbb'"), "{text}");
        assert!(!text.contains("drop table t"));
    }
}
