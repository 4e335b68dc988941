//! A revision to text.

use super::parse::{is_key, marker};
use super::{Direction, Header, PartText, Revision, RevisionId};

/// A whole revision file. A direction without parts gets an empty one, for a person to fill in.
pub fn render(header: &Header, upgrade: &[PartText], downgrade: &[PartText]) -> String {
    let up = render_parts(Direction::Upgrade, upgrade);
    let down = render_parts(Direction::Downgrade, downgrade);
    format!("{}\n{up}\n{down}", render_header(header))
}

/// The parts of one direction, with a blank line between two; an empty one, where there is none.
pub fn render_parts(direction: Direction, parts: &[PartText]) -> String {
    if parts.is_empty() {
        return format!("-- limbeck:{}\n", direction.word());
    }
    parts.iter().map(|part| part_text(direction, part)).collect::<Vec<_>>().join("\n")
}

/// The downgrade of a revision as a file of its own, which reads back to the same parts: what a database
/// keeps for a checkout that has not the file.
pub(crate) fn render_downgrade(revision: &Revision) -> String {
    let header = Header { proof: Vec::new(), ..revision.header.clone() };
    let mut out = render_header(&header);
    for part in &revision.downgrade {
        out.push('\n');
        out.push_str(&part_text(Direction::Downgrade, &part.text));
    }
    out
}

/// A file's text with another header, everything from the first part on as it was: for a new parent, a
/// tag, a verdict. What people wrote between the header's lines stays, below them.
pub fn with_header(text: &str, header: &Header) -> String {
    let at = first_part(text);
    let (top, parts) = text.split_at(at.unwrap_or(text.len()));
    let mut out = render_header(header);
    for line in top.lines().filter(|line| is_remark(line)) {
        out.push_str(&format!("{}\n", line.trim_end()));
    }
    if at.is_some() {
        out.push('\n');
    }
    if top.contains("\r\n") {
        out = out.replace('\n', "\r\n");
    }
    out + parts
}

/// Where the first part's line begins.
fn first_part(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if marker(line).is_some_and(|(word, _)| word == "upgrade" || word == "downgrade") {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Whether a line over the parts is a person's, and not one of the header.
fn is_remark(line: &str) -> bool {
    let Some(comment) = line.trim().strip_prefix("--") else { return false };
    let key = comment.split_once(':').is_some_and(|(key, _)| is_key(key.trim()));
    !key && marker(line).is_none()
}

/// The lines of a header.
pub fn render_header(header: &Header) -> String {
    let mut out = format!("-- limbeck:revision {}\n", header.id);
    line(&mut out, "parents", &ids(&header.parents));
    line(&mut out, "message", &header.message);
    line(&mut out, "created", header.created.as_deref().unwrap_or_default());
    line(&mut out, "labels", &header.labels.join(", "));
    line(&mut out, "depends-on", &header.depends_on.join(", "));
    line(&mut out, "tags", &header.tags.join(", "));
    line(&mut out, "replaces", &ids(&header.replaces));
    line(&mut out, "made", header.made.as_deref().unwrap_or_default());
    for proof in &header.proof {
        line(&mut out, "proof", proof);
    }
    out
}

fn ids(ids: &[RevisionId]) -> String {
    ids.iter().map(RevisionId::as_str).collect::<Vec<_>>().join(", ")
}

/// A header line; none where there is nothing to say. A line break inside would begin another line.
fn line(out: &mut String, key: &str, value: &str) {
    let value = limbeck_sql::one_line(value);
    if !value.is_empty() {
        out.push_str(&format!("-- {key}: {value}\n"));
    }
}

fn part_text(direction: Direction, part: &PartText) -> String {
    let mut out = format!("-- limbeck:{}", direction.word());
    if let Some(of) = &part.of {
        out.push_str(&format!(" of={of}"));
    }
    if part.no_transaction {
        out.push_str(" no-transaction");
    }
    for (key, value) in &part.settings {
        let quote = if value.contains(char::is_whitespace) { "'" } else { "" };
        out.push_str(&format!(" {key}={quote}{value}{quote}"));
    }
    format!("{out}\n{}\n", part.sql.trim_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{RevisionId, parse};

    fn sample() -> (Header, Vec<PartText>, Vec<PartText>) {
        let mut header = Header::new(RevisionId::parse("3f2c9a1b7d40").unwrap(), "two\nlines");
        header.parents = vec![RevisionId::parse("9c1d00aa71b2").unwrap()];
        header.proof = vec!["one".into(), "two".into()];
        header.replaces = vec![RevisionId::parse("77ab01c2d3e4").unwrap()];
        let part = PartText {
            no_transaction: true,
            settings: vec![("search_path".into(), "a, b".into())],
            of: Some(RevisionId::parse("77ab01c2d3e4").unwrap()),
            sql: "select 1;\n".into(),
        };
        (header, vec![PartText { sql: "\nselect 2;".into(), ..PartText::default() }, part], Vec::new())
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (mut header, up, down) = sample();
        let text = render(&header, &up, &down);
        let read = parse("a.sql".into(), &text).unwrap();
        header.message = "two lines".into();
        assert_eq!(read.header, header);
        assert_eq!(read.upgrade.len(), 2);
        assert!(read.upgrade[1].text.no_transaction);
        assert_eq!(read.upgrade[1].text.settings, up[1].settings);
        assert_eq!(read.upgrade[1].text.of, up[1].of);
        assert_eq!(read.downgrade.len(), 1);
    }

    #[test]
    fn a_downgrade_reads_back_alone() {
        let (header, _, _) = sample();
        let text = render(&header, &sample().1, &sample().2).replace("-- limbeck:downgrade\n", "")
            + "-- limbeck:downgrade no-transaction lock_timeout=5s\ndrop index concurrently i\n-- limbeck:downgrade\n\nselect '\n-- limbeck:upgrade\n';\n";
        let whole = parse("a.sql".into(), &text).unwrap();
        let kept = parse("a.sql".into(), &render_downgrade(&whole)).unwrap();
        let texts = |r: &Revision| {
            r.downgrade.iter().map(|p| (p.text.no_transaction, p.text.settings.clone())).collect::<Vec<_>>()
        };
        assert_eq!(texts(&kept), texts(&whole));
        assert_eq!(kept.checksum(Direction::Downgrade), whole.checksum(Direction::Downgrade));
        assert!(kept.upgrade.is_empty() && kept.header.proof.is_empty());
        assert_eq!(kept.header.parents, whole.header.parents);
    }

    #[test]
    fn a_new_header_leaves_the_parts_alone() {
        let (mut header, up, down) = sample();
        let text = render(&header, &up, &down);
        header.tags = vec!["v1".into()];
        let changed = with_header(&text, &header);
        assert!(changed.contains("-- tags: v1\n"));
        assert_eq!(changed.replace("-- tags: v1\n", ""), text);
        let remarked = text.replacen("\n", "\n-- asked for by the shop\n", 1);
        assert!(with_header(&remarked, &header).contains("\n-- asked for by the shop\n\n-- limbeck:upgrade"));
        let windows = text.replace('\n', "\r\n");
        assert_eq!(with_header(&windows, &header), changed.replace('\n', "\r\n"));
    }
}
