//! What revisions say to the whole server, and not to their database: roles, mostly. On a scratch server that
//! others use at the same time, or that is somebody's, such a revision can't just be run.

use limbeck_migrate::{Graph, Part};
use limbeck_scratch::provider;
use limbeck_sql::{Token, TokenKind, tokens};

use crate::exit::{Code, Failure, Snippet};

/// What to do where a role is missing on a scratch server that is somebody's.
pub(crate) const ROLES_ON_SCRATCH: &str = "limbeck makes roles on its own servers alone, and none that begin \
    with `pg_`: create it where scratch is, or leave [scratch] to limbeck";

/// Where a revision speaks to the whole server.
pub(crate) struct ServerWide {
    place: Snippet,
    words: String,
}

impl ServerWide {
    /// Why it is not run on a server of somebody's.
    pub(crate) fn refused(&self, error: &provider::Error) -> Failure {
        Failure::of(Code::Usage, error)
            .at(self.place.clone())
            .note(format!("`{}` would change the server, and stay when scratch is gone", self.words))
            .help_if(error.advice())
    }

    /// Why it is not run in several databases of one server.
    pub(crate) fn refused_on_several(self) -> Failure {
        Failure::usage(format!("`{}` can't be tried in several databases of one server", self.words))
            .at(self.place)
            .note("roles belong to the server: where it has run in one, it fails in the next")
            .help("try each revision by itself: `limbeck prove REV`")
            .help("the embedded server gives each database one to itself: `provider = \"embedded\"` under [scratch]")
    }
}

/// The first place of any revision. It is found by words alone, and may be one that is never reached.
pub(crate) fn first(graph: &Graph) -> Option<ServerWide> {
    graph.revisions().iter().find_map(|revision| {
        let parts = revision.upgrade.iter().chain(&revision.downgrade);
        let (line, words) = parts.into_iter().find_map(in_part)?;
        let place = Snippet { path: revision.path.to_string(), line, first_line: line, ..Snippet::default() };
        Some(ServerWide { place, words })
    })
}

fn in_part(part: &Part) -> Option<(usize, String)> {
    let (at, words) = mention(&part.text.sql)?;
    Some((part.line + part.text.sql[..at].matches('\n').count(), words))
}

/// The byte of the first mention, and its words.
fn mention(sql: &str) -> Option<(usize, String)> {
    let all: Vec<Token<'_>> = tokens(sql).filter(|token| token.kind != TokenKind::Blank).collect();
    (0..all.len()).find_map(|i| {
        let token = &all[i];
        // The body of a `do`, or of a function that may be called.
        if let Some((_, body)) = token.text.strip_prefix('$').and_then(|text| text.split_once('$')) {
            let start = token.start + token.text.len() - body.len();
            return mention(body).map(|(at, words)| (start + at, words));
        }
        let begins = i == 0 || all[i - 1].text == ";" || BEFORE.iter().any(|word| all[i - 1].is_word(word));
        let words = begins.then(|| statement(&all[i..]))??;
        Some((token.start, words))
    })
}

/// What a statement follows in PL/pgSQL, beside another one.
const BEFORE: &[&str] = &["begin", "then", "else", "loop"];

fn statement(words: &[Token<'_>]) -> Option<String> {
    let is = |i: usize, any: &[&str]| words.get(i).is_some_and(|t| any.iter().any(|word| t.is_word(word)));
    let of_roles = is(0, &["create", "alter", "drop"])
        && (is(1, &["role", "group", "system"]) || (is(1, &["user"]) && !is(2, &["mapping"])));
    // A grant of a role says `on` nothing.
    let of_membership = is(0, &["grant", "revoke"]) && {
        let rest = words.iter().take_while(|token| token.text != ";");
        let until = rest.take_while(|token| !token.is_word("to") && !token.is_word("from"));
        !until.into_iter().any(|token| token.is_word("on"))
    };
    (of_roles || of_membership)
        .then(|| words.iter().take(3).map(|token| token.text).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::mention;

    #[test]
    fn what_speaks_to_the_whole_server() {
        for sql in [
            "create role app",
            "select 1; CREATE USER app",
            "alter role app set work_mem = '1MB'",
            "drop group app",
            "grant app to other",
            "revoke app from other",
            "alter system set work_mem = '1MB'",
            "do $x$ begin if true then create role app; end if; end $x$",
        ] {
            assert!(mention(sql).is_some(), "{sql}");
        }
        for sql in [
            "create table role (create_role int, \"create\" int, role int)",
            "-- create role app\nselect 'create role app'",
            "create user mapping for app server s",
            "grant select on t to app; grant usage on schema s to app",
            "alter default privileges for role app grant select on tables to other",
            "alter table t owner to app",
            "alter table members alter role type text, drop role",
        ] {
            assert_eq!(mention(sql), None, "{sql}");
        }
        let (at, words) = mention("do $$ begin\n  create role app; end $$").expect("a mention");
        assert_eq!((at, words.as_str()), (14, "create role app"));
    }
}
