//! A revision file's text to a [`Revision`]: header lines, then parts. All mistakes in one go.

use camino::Utf8Path;

use super::scan::{ends_open, unrunnable};
use super::{Direction, Header, Part, PartText, Revision, RevisionId};
use crate::error::{Mistake, nearest};

/// The keys of header lines, in the order in which they are written.
const KEYS: [&str; 9] =
    ["parents", "message", "created", "labels", "depends-on", "tags", "replaces", "made", "proof"];

/// Reads a revision file.
///
/// # Errors
/// Every mistake in it, in the order of its lines.
pub fn parse(path: &Utf8Path, text: &str) -> Result<Revision, Vec<Mistake>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader =
        Reader { path, mistakes: Vec::new(), header: None, given: Vec::new(), parts: Vec::new() };
    for (index, line) in text.lines().enumerate() {
        reader.line(index + 1, line);
    }
    reader.finish()
}

struct Reader<'a> {
    path: &'a Utf8Path,
    mistakes: Vec<Mistake>,
    header: Option<Header>,
    given: Vec<&'static str>,
    parts: Vec<(Direction, Part)>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, number: usize, line: &'a str) {
        // Inside of a string (a function's body, a default), such a line is a piece of that string. That takes
        // a look at all of the part, so hazards and their like, of which there may be thousands, are text at once.
        let inside = |(_, part): &(Direction, Part)| ends_open(&part.text.sql);
        let begins = marker(line).filter(|(word, _)| misspelt(word).is_some());
        match begins.filter(|_| !self.parts.last().is_some_and(inside)) {
            Some(("upgrade", rest)) => self.part(Direction::Upgrade, number, line, rest),
            Some(("downgrade", rest)) => self.part(Direction::Downgrade, number, line, rest),
            Some(("revision", rest)) => self.revision(number, line, rest),
            Some((word, _)) => {
                let meant = misspelt(word).unwrap_or_default();
                self.mistake(number, line, format!("unknown line `limbeck:{word}`"))
                    .help(format!("did you mean `limbeck:{meant}`?"));
                // Taken as it was meant, so that what follows isn't reported as well.
                let direction = if meant == "downgrade" { Direction::Downgrade } else { Direction::Upgrade };
                self.parts.push((direction, Part { text: PartText::default(), line: number + 1 }));
            }
            None => self.text(number, line),
        }
    }

    fn mistake(&mut self, number: usize, line: &str, message: impl Into<String>) -> Help<'_> {
        self.mistakes.push(Mistake::new(self.path, number, line, message));
        Help(self.mistakes.last_mut())
    }

    fn revision(&mut self, number: usize, line: &'a str, rest: &str) {
        if self.header.is_some() {
            self.mistake(number, line, "a second `limbeck:revision` in one file")
                .help("a file holds one revision");
            return;
        }
        // Whatever rewrites a header looks for it above the first part.
        if !self.parts.is_empty() {
            self.mistake(number, line, "the header stands below a part")
                .help("move it to the top of the file");
        }
        match RevisionId::parse(rest) {
            Ok(id) => self.header = Some(Header::new(id, "")),
            Err(bad) => {
                self.mistake(number, line, bad.to_string()).help("12 hexadecimal digits are usual");
                // Whatever else is wrong is still worth saying.
                self.header = RevisionId::parse("unreadable").ok().map(|id| Header::new(id, ""));
            }
        }
    }

    fn part(&mut self, direction: Direction, number: usize, line: &'a str, rest: &str) {
        let mut text = PartText::default();
        for word in words(rest) {
            if word == "no-transaction" {
                text.no_transaction = true;
            } else if let Some(id) = word.strip_prefix("of=") {
                match RevisionId::parse(id) {
                    Ok(id) => text.of = Some(id),
                    Err(bad) => self.mistake(number, line, bad.to_string()).help("a squash writes it"),
                }
            } else if let Some((key, value)) = setting(&word) {
                text.settings.push((key, value));
            } else {
                let help = nearest(&word, ["no-transaction"]).map_or(
                    "known are `no-transaction` and settings like `lock_timeout=5s`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                self.mistake(number, line, format!("unknown word {word:?} in a part's line")).help(help);
            }
        }
        self.parts.push((direction, Part { text, line: number + 1 }));
    }

    fn text(&mut self, number: usize, line: &'a str) {
        if line.contains('\0') {
            // Neither the protocol nor a text in Postgres can hold one.
            self.mistake(number, line, "a NUL character").help("remove it");
        }
        if let Some((_, part)) = self.parts.last_mut() {
            part.text.sql.push_str(line);
            part.text.sql.push('\n');
            return;
        }
        if line.trim().is_empty() {
            return;
        }
        let Some(comment) = line.trim().strip_prefix("--") else {
            self.mistake(number, line, "SQL before the first part")
                .help("write `-- limbeck:upgrade` or `-- limbeck:downgrade` over it");
            return;
        };
        if let Some((key, value)) = comment.split_once(':').filter(|(key, _)| is_key(key.trim())) {
            self.header_line(number, line, key.trim(), value.trim());
        }
    }

    fn header_line(&mut self, number: usize, line: &'a str, key: &str, value: &str) {
        let Some(known) = KEYS.into_iter().find(|k| *k == key) else {
            let help = nearest(key, KEYS)
                .map_or(format!("known are {}", KEYS.join(", ")), |near| format!("did you mean `{near}`?"));
            self.mistake(number, line, format!("unknown header line {key:?}")).help(help);
            return;
        };
        if self.header.is_none() {
            return;
        }
        if self.given.contains(&known) && known != "proof" {
            self.mistake(number, line, format!("`{known}` for the second time"));
            return;
        }
        self.given.push(known);
        self.header_value(number, line, known, value);
    }

    fn header_value(&mut self, number: usize, line: &'a str, key: &str, value: &str) {
        let list: Vec<String> =
            value.split(',').map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned).collect();
        if key == "parents" || key == "replaces" {
            let (ids, bad): (Vec<_>, Vec<_>) =
                list.iter().map(|id| RevisionId::parse(id)).partition(Result::is_ok);
            for bad in bad.into_iter().filter_map(Result::err) {
                self.mistake(number, line, bad.to_string());
            }
            let Some(header) = &mut self.header else { return };
            let ids = ids.into_iter().flatten().collect();
            if key == "parents" {
                header.parents = ids
            } else {
                header.replaces = ids
            }
            return;
        }
        if key == "labels" {
            for label in list.iter().filter(|label| label.contains(['@', ':', '+'])) {
                self.mistake(number, line, format!("{label:?} can't be a label: @, : and + have a meaning"));
            }
        }
        let Some(header) = &mut self.header else { return };
        let value = value.to_owned();
        match key {
            "message" => header.message = value,
            "created" => header.created = Some(value),
            "labels" => header.labels = list,
            "depends-on" => header.depends_on = list,
            "tags" => header.tags = list,
            "made" => header.made = Some(value),
            _ => header.proof.push(value),
        }
    }

    fn finish(mut self) -> Result<Revision, Vec<Mistake>> {
        if self.header.is_none() {
            let mistake = Mistake::new(self.path, 1, "", "no `-- limbeck:revision ID` line")
                .help("every `.sql` file in a migrations folder is a revision and begins with one");
            self.mistakes.push(mistake);
        }
        for index in 0..self.parts.len() {
            self.check_part(index);
        }
        self.mistakes.sort_by_key(|m| m.line);
        match self.header {
            Some(header) if self.mistakes.is_empty() => {
                let (up, down) =
                    self.parts.into_iter().partition::<Vec<_>, _>(|(d, _)| *d == Direction::Upgrade);
                let parts = |list: Vec<(Direction, Part)>| list.into_iter().map(|(_, part)| part).collect();
                Ok(Revision {
                    path: self.path.to_owned(),
                    header,
                    upgrade: parts(up),
                    downgrade: parts(down),
                })
            }
            _ => Err(self.mistakes),
        }
    }

    fn check_part(&mut self, index: usize) {
        let Part { text, line } = &self.parts[index].1;
        let found: Vec<Mistake> = unrunnable(&text.sql, text.no_transaction)
            .into_iter()
            .map(|bad| {
                let before = &text.sql[..bad.at];
                let above = before.matches('\n').count();
                let source = text.sql.lines().nth(above).unwrap_or_default();
                let offset = bad.at - before.rfind('\n').map_or(0, |end| end + 1);
                Mistake::new(self.path, line + above, source, bad.what).at(offset).help(bad.help)
            })
            .collect();
        self.mistakes.extend(found);
    }
}

/// The mistake just noted, to say what to do about it.
struct Help<'a>(Option<&'a mut Mistake>);

impl Help<'_> {
    fn help(self, help: impl Into<String>) {
        if let Some(mistake) = self.0 {
            mistake.help = Some(help.into());
        }
    }
}

/// `-- limbeck:WORD REST`, indented or not: an indented part line that passed for a comment would run a
/// downgrade inside an upgrade.
pub(super) fn marker(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim().strip_prefix("--")?.trim_start().strip_prefix("limbeck:")?;
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    Some((&rest[..end], rest[end..].trim()))
}

impl PartText {
    /// Its `limbeck:todo` lines: how many lines from its beginning, the line, and what it says. Such a line
    /// inside of a string is a piece of that string.
    pub(crate) fn todos(&self) -> Vec<(usize, &str, &str)> {
        let (mut at, mut found) = (0, Vec::new());
        for (number, line) in self.sql.split_inclusive('\n').enumerate() {
            match marker(line) {
                Some(("todo", words)) if !ends_open(&self.sql[..at]) => {
                    found.push((number, line.trim_end(), words));
                }
                Some(_) | None => {}
            }
            at += line.len();
        }
        found
    }
}

/// The word that opens a part or a file, if a word is or looks as if it were meant for it.
fn misspelt(word: &str) -> Option<&'static str> {
    nearest(&word.to_lowercase(), ["upgrade", "downgrade", "revision"])
}

/// Whether text before a colon is a header's key, and not the beginning of a sentence.
pub(super) fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == '_')
}

/// Words of a part's line; a value in single quotes may hold blanks.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|w| !w.is_empty());
    words
}

fn setting(word: &str) -> Option<(String, String)> {
    let (key, value) = word.split_once('=')?;
    let valid = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    valid.then(|| (key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "\
-- limbeck:revision 3f2c9a1b7d40
-- parents: 9c1d00aa71b2, 77ab01c2d3e4
-- message: add members email: now
-- labels: members
-- tags: v1.4

-- limbeck:upgrade
-- limbeck:hazard LOCK_STRONG blocks
alter table public.members add column email text;

-- limbeck:upgrade no-transaction lock_timeout=5s search_path='a, b'
create index concurrently i on public.members (email);

-- limbeck:downgrade
alter table public.members drop column email;
";

    fn mistakes(text: &str) -> Vec<String> {
        parse("a.sql".into(), text)
            .unwrap_err()
            .iter()
            .map(|m| format!("{m}{}", m.help.as_ref().map(|h| format!(" / {h}")).unwrap_or_default()))
            .collect()
    }

    #[test]
    fn reads_header_and_parts_with_their_lines() {
        let revision = parse("a.sql".into(), WHOLE).unwrap();
        assert_eq!(revision.header.parents.len(), 2);
        assert_eq!(revision.header.message, "add members email: now");
        assert_eq!(revision.upgrade.iter().map(|p| p.line).collect::<Vec<_>>(), [8, 12]);
        let second = &revision.upgrade[1].text;
        assert!(second.no_transaction);
        assert_eq!(second.settings[1], ("search_path".into(), "a, b".into()));
        assert_eq!(revision.downgrade.len(), 1);
    }

    #[test]
    fn windows_line_ends_and_marks_are_read_alike() {
        let windows = format!("\u{feff}{}", WHOLE.replace('\n', "\r\n"));
        let (a, b) = (parse("a.sql".into(), WHOLE).unwrap(), parse("a.sql".into(), &windows).unwrap());
        assert_eq!(a, b);
    }

    #[test]
    fn all_mistakes_in_one_go() {
        let text = "-- limbeck:revision abc\n-- mesage: x\n  -- limbeck:upgarde\n\n-- limbeck:downgrade now\n\
                    select 1;\ncopy t from stdin;\n\\.\n";
        let found = mistakes(text);
        assert_eq!(found.len(), 5, "{found:#?}");
        assert!(found[0].starts_with("a.sql:2: unknown header line") && found[0].contains("`message`"));
        assert!(found[1].starts_with("a.sql:3:") && found[1].contains("limbeck:upgrade"));
        assert!(found[3].starts_with("a.sql:7:") && found[4].starts_with("a.sql:8:"));
    }

    #[test]
    fn a_part_line_inside_of_a_string_is_a_piece_of_it() {
        let body =
            "create function f() returns text language sql as $f$select '\n-- limbeck:downgrade\n'$f$;\n";
        let revision = format!(
            "-- limbeck:revision abc\n-- limbeck:upgrade\n{body}-- limbeck:downgrade\ndrop function f;\n"
        );
        let revision = parse("a.sql".into(), &revision).unwrap();
        assert_eq!(revision.upgrade[0].text.sql, body);
        assert_eq!(revision.downgrade.len(), 1);
    }

    #[test]
    fn a_header_below_a_part_is_refused() {
        let found = mistakes("-- limbeck:upgrade\nselect 1;\n-- limbeck:revision abc\n");
        assert_eq!(found, ["a.sql:3: the header stands below a part / move it to the top of the file"]);
    }

    #[test]
    fn what_no_text_can_hold_is_refused_with_its_line() {
        let found = mistakes("-- limbeck:revision abc\n-- limbeck:upgrade\nselect 1;\n-- \0\n");
        assert_eq!(found, ["a.sql:4: a NUL character / remove it"]);
    }

    #[test]
    fn sql_without_a_part_or_a_header_is_refused() {
        assert_eq!(mistakes("select 1;").len(), 2);
        assert_eq!(mistakes("-- limbeck:revision head\n").len(), 1);
    }
}
