//! Alembic's own SQL, as `alembic upgrade base:head --sql` prints it: cut at the lines that say which revision
//! runs, without what it does to its version table.

use std::collections::BTreeMap;

use camino::Utf8Path;
use limbeck_migrate::Direction;
use limbeck_sql::{TokenKind, tokens};

use crate::error::{Error, Result};
use crate::parts::{Piece, split};

/// The SQL of revisions, by direction and id.
pub(crate) type Offline = BTreeMap<(&'static str, String), Vec<Piece>>;

/// Reads such an output. `is_known` says whether a revision belongs to the chain.
pub(crate) fn read(
    path: &Utf8Path,
    text: &str,
    version_table: &str,
    is_known: impl Fn(&str) -> bool,
) -> Result<Offline> {
    let mut found: Vec<(&'static str, String, String)> = Vec::new();
    for line in text.lines() {
        match step(line).filter(|(_, id)| is_known(id)) {
            Some((direction, id)) => found.push((direction.word(), id.to_owned(), String::new())),
            None => {
                if let Some((_, _, sql)) = found.last_mut() {
                    sql.push_str(line);
                    sql.push('\n');
                }
            }
        }
    }
    if found.is_empty() {
        return Err(Error::NoSteps { path: path.to_owned() });
    }
    let pieces = |sql: &str| {
        let kept = split(sql).into_iter().filter(|statement| !is_bookkeeping(statement, version_table));
        kept.map(|statement| Piece::Sql(statement, false)).collect()
    };
    Ok(found.into_iter().map(|(direction, id, sql)| ((direction, id), pieces(&sql))).collect())
}

/// `-- Running upgrade A -> B`: B's upgrade; `-- Running downgrade B -> A`: B's downgrade.
fn step(line: &str) -> Option<(Direction, &str)> {
    let rest = line.strip_prefix("-- Running ")?;
    let (from, to) = rest.split_once(" -> ")?;
    match from.split_once(' ')? {
        ("upgrade", _) => Some((Direction::Upgrade, to.trim())),
        ("downgrade", from) => Some((Direction::Downgrade, from.trim())),
        _ => None,
    }
}

/// Whether a statement is about the version table.
fn is_bookkeeping(sql: &str, version_table: &str) -> bool {
    let words: Vec<String> = tokens(sql)
        .filter(|token| !matches!(token.kind, TokenKind::Blank))
        .take(6)
        .map(|token| token.text.trim_matches('"').to_lowercase())
        .collect();
    let at = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["insert", "into", ..] | ["delete", "from", ..] | ["create" | "drop", "table", ..] => 2,
        ["update", ..] => 1,
        _ => return false,
    };
    let name =
        if words.get(at + 1).is_some_and(|word| word == ".") { words.get(at + 2) } else { words.get(at) };
    name.is_some_and(|name| *name == version_table.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_cut_and_bookkeeping_is_left_out() {
        let text = "BEGIN;\n\nCREATE TABLE alembic_version (\n  version_num VARCHAR(32)\n);\n\n\
                    -- Running upgrade  -> aaa\n\nCREATE TABLE t (a INTEGER);\n\n\
                    INSERT INTO alembic_version (version_num) VALUES ('aaa') RETURNING alembic_version.version_num;\n\n\
                    -- Running upgrade aaa, bbb -> ccc\n\nCOMMIT;\n\nselect 1;\n\nBEGIN;\n\n\
                    UPDATE other.\"alembic_version\" SET version_num='ccc';\n\nCOMMIT;\n";
        let found = read("a.sql".into(), text, "alembic_version", |id| id != "zzz").unwrap();
        let sql = |id: &str| {
            let pieces = &found[&("upgrade", id.to_owned())];
            pieces.iter().map(|piece| format!("{piece:?}")).collect::<Vec<_>>()
        };
        assert_eq!(sql("aaa"), [r#"Sql("CREATE TABLE t (a INTEGER);", false)"#]);
        assert_eq!(sql("ccc").len(), 4);
        assert!(read("a.sql".into(), text, "alembic_version", |_| false).is_err());
    }
}
