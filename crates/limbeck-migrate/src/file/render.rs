//! A revision to text.

use super::{Direction, Header, PartText, Revision};

/// A whole revision file. A direction without parts gets an empty one, for a person to fill in.
pub fn render(header: &Header, upgrade: &[PartText], downgrade: &[PartText]) -> String {
    let mut out = render_header(header);
    for (direction, parts) in [(Direction::Upgrade, upgrade), (Direction::Downgrade, downgrade)] {
        if parts.is_empty() {
            out.push_str(&format!("\n-- limbeck:{}\n", direction.word()));
        }
        for part in parts {
            out.push('\n');
            out.push_str(&part_text(direction, part));
        }
    }
    out
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
/// tag, a verdict.
pub fn with_header(text: &str, header: &Header) -> String {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start().trim_start_matches('-').trim_start();
        if trimmed.starts_with("limbeck:upgrade") || trimmed.starts_with("limbeck:downgrade") {
            return format!("{}\n{}", render_header(header), &text[at..]);
        }
        at += line.len();
    }
    render_header(header)
}

fn render_header(header: &Header) -> String {
    let mut out = format!("-- limbeck:revision {}\n", header.id);
    let parents: Vec<&str> = header.parents.iter().map(super::RevisionId::as_str).collect();
    line(&mut out, "parents", &parents.join(", "));
    line(&mut out, "message", &header.message);
    line(&mut out, "created", header.created.as_deref().unwrap_or_default());
    line(&mut out, "labels", &header.labels.join(", "));
    line(&mut out, "depends-on", &header.depends_on.join(", "));
    line(&mut out, "tags", &header.tags.join(", "));
    line(&mut out, "made", header.made.as_deref().unwrap_or_default());
    for proof in &header.proof {
        line(&mut out, "proof", proof);
    }
    out
}

/// A header line; none where there is nothing to say. A line break inside would begin another line.
fn line(out: &mut String, key: &str, value: &str) {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if !value.is_empty() {
        out.push_str(&format!("-- {key}: {value}\n"));
    }
}

fn part_text(direction: Direction, part: &PartText) -> String {
    let mut out = format!("-- limbeck:{}", direction.word());
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
        let part = PartText {
            no_transaction: true,
            settings: vec![("search_path".into(), "a, b".into())],
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
    }
}
