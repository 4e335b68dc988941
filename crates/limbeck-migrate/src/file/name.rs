//! File names of revisions: a template with Alembic's tokens, a slug, a clock.

use jiff::Zoned;
use jiff::tz::TimeZone;

use super::Header;

/// `2026_11_20_0931-3f2c9a1b7d40_add_members_email`.
pub const DEFAULT_TEMPLATE: &str = "%(year)d_%(month).2d_%(day).2d_%(hour).2d%(minute).2d-%(rev)s_%(slug)s";

const TOKENS: [&str; 9] = ["year", "month", "day", "hour", "minute", "second", "epoch", "rev", "slug"];

/// How files are named, and by which clock.
#[derive(Clone, Debug)]
pub struct FileNames {
    /// Alembic's `file_template`, with `%(rev)s` or (as in its ini files) `%%(rev)s`.
    pub template: String,
    /// The longest slug, in characters.
    pub truncate_slug: usize,
    /// The zone of dates, in names and in the header.
    pub timezone: TimeZone,
}

/// A template that can't be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("file_template {template:?}: {reason}")]
pub struct BadTemplate {
    /// The template.
    pub template: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Default for FileNames {
    fn default() -> Self {
        FileNames { template: DEFAULT_TEMPLATE.into(), truncate_slug: 40, timezone: TimeZone::UTC }
    }
}

impl FileNames {
    /// The text of a header's `created` line.
    pub fn created(&self, at: jiff::Timestamp) -> String {
        at.to_zoned(self.timezone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
    }

    /// When a header's `created` line says that it was; none where a person wrote it in another way.
    pub fn read_created(&self, text: &str) -> Option<jiff::Timestamp> {
        let clock: jiff::civil::DateTime = text.get(..19)?.parse().ok()?;
        clock.to_zoned(self.timezone.clone()).ok().map(|zoned| zoned.timestamp())
    }

    /// The file's name, with `.sql`. May hold `/`, for a folder a year.
    ///
    /// # Errors
    /// If the template holds an unknown token, or no `rev`, or leads out of the folder.
    pub fn name(&self, header: &Header, at: jiff::Timestamp) -> Result<String, BadTemplate> {
        let now = at.to_zoned(self.timezone.clone());
        let template = self.template.replace("%%(", "%(");
        let mut out = String::new();
        let mut rest = template.as_str();
        while let Some(open) = rest.find("%(") {
            out.push_str(&rest[..open]);
            let (token, after) = self.token(&rest[open + 2..])?;
            out.push_str(&token.format.apply(&self.value(token.name, header, &now)?));
            rest = after;
        }
        out.push_str(rest);
        let out = out.trim_end_matches(['_', '-']).trim_end_matches(".sql");
        if out.starts_with('/') || out.split('/').any(|part| part == "..") {
            return Err(self.bad("it leads out of the migrations folder"));
        }
        if !template.contains("%(rev)") && !template.contains("%(epoch)") {
            return Err(self.bad("without `%(rev)s` two files can get one name"));
        }
        Ok(format!("{out}.sql"))
    }

    /// The token after `%(`, and what follows its format.
    fn token<'a>(&self, text: &'a str) -> Result<(Token<'a>, &'a str), BadTemplate> {
        let (name, rest) = text.split_once(')').ok_or_else(|| self.bad("a `%(` is never closed"))?;
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let after = rest[end..]
            .strip_prefix(['d', 'i', 's'])
            .ok_or_else(|| self.bad("a token ends with `d` or `s`, as in `%(year)d`"))?;
        Ok((Token { name, format: Format::read(&rest[..end]) }, after))
    }

    fn value(&self, token: &str, header: &Header, now: &Zoned) -> Result<String, BadTemplate> {
        Ok(match token {
            "year" => now.year().to_string(),
            "month" => now.month().to_string(),
            "day" => now.day().to_string(),
            "hour" => now.hour().to_string(),
            "minute" => now.minute().to_string(),
            "second" => now.second().to_string(),
            "epoch" => now.timestamp().as_second().to_string(),
            "rev" => header.id.to_string(),
            "slug" => slug(&header.message, self.truncate_slug),
            _ => return Err(self.bad(&format!("unknown token {token:?}; known are {}", TOKENS.join(", ")))),
        })
    }

    fn bad(&self, reason: &str) -> BadTemplate {
        BadTemplate { template: self.template.clone(), reason: reason.to_owned() }
    }
}

/// `%(month).2d`, taken apart.
struct Token<'a> {
    name: &'a str,
    format: Format,
}

/// What stands between a token's name and its letter, with the meaning that Python's `%` gives it.
#[derive(Default)]
struct Format {
    zeros: bool,
    width: usize,
    digits: usize,
}

impl Format {
    fn read(text: &str) -> Self {
        let (width, digits) = text.split_once('.').unwrap_or((text, ""));
        Format {
            zeros: width.starts_with('0'),
            width: width.parse().unwrap_or(0),
            digits: digits.parse().unwrap_or(0),
        }
    }

    /// A number gets its digits; words only their width.
    fn apply(&self, value: &str) -> String {
        let number = value.bytes().all(|b| b.is_ascii_digit());
        match (number, self.width, self.digits) {
            (true, width, digits) if self.zeros => format!("{value:0>0$}", width.max(digits)),
            (true, width, digits) => format!("{:>width$}", format!("{value:0>digits$}")),
            (false, width, _) => format!("{value:>width$}"),
        }
    }
}

/// Words of a message, joined by `_`, cut between words where the limit allows it (as Alembic cuts).
fn slug(message: &str, limit: usize) -> String {
    let mut out = String::new();
    for word in message.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        let word = word.to_lowercase();
        let length = out.chars().count() + usize::from(!out.is_empty()) + word.chars().count();
        if length > limit {
            if out.is_empty() {
                out = word.chars().take(limit).collect();
            }
            break;
        }
        if !out.is_empty() {
            out.push('_');
        }
        out.push_str(&word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::RevisionId;

    fn name(template: &str, message: &str) -> Result<String, BadTemplate> {
        let header = Header::new(RevisionId::parse("3f2c9a1b7d40").unwrap(), message);
        let names = FileNames { template: template.into(), ..FileNames::default() };
        names.name(&header, "2026-11-20T09:31:07Z".parse().unwrap())
    }

    #[test]
    fn the_default_name() {
        let expect = "2026_11_20_0931-3f2c9a1b7d40_add_members_email.sql";
        assert_eq!(name(DEFAULT_TEMPLATE, "Add members' email").unwrap(), expect);
        assert_eq!(name(DEFAULT_TEMPLATE, "").unwrap(), "2026_11_20_0931-3f2c9a1b7d40.sql");
    }

    #[test]
    fn alembics_templates_are_followed() {
        assert_eq!(name("%%(year)d/%%(rev)s_%%(slug)s", "x").unwrap(), "2026/3f2c9a1b7d40_x.sql");
        assert_eq!(name("%(epoch)s", "x").unwrap(), "1795167067.sql");
        for bad in ["%(yaer)d-%(rev)s", "%(slug)s", "../%(rev)s", "%(rev"] {
            assert!(name(bad, "x").is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_written_as_created_is_read_back() {
        let timezone = TimeZone::get("Europe/Berlin").unwrap();
        let names = FileNames { timezone, ..FileNames::default() };
        let at = "2026-11-20T09:31:07Z".parse().unwrap();
        assert_eq!(names.read_created(&names.created(at)), Some(at));
        assert_eq!(names.read_created("last Tuesday"), None);
    }

    #[test]
    fn numbers_are_padded_as_python_pads_them() {
        // What `template % values` gives in Python for 2026-11-20 09:31:07.
        assert_eq!(
            name("%(rev)s-%(hour)d_%(hour).2d_%(hour)02d_%(second).3d", "x").unwrap(),
            "3f2c9a1b7d40-9_09_09_007.sql"
        );
        assert_eq!(name("%(year)d-%(minute)d%(rev)s", "x").unwrap(), "2026-313f2c9a1b7d40.sql");
    }

    #[test]
    fn slugs_are_cut_between_words() {
        assert_eq!(slug("one two three", 8), "one_two");
        assert_eq!(slug("extraordinarily", 5), "extra");
        assert_eq!(slug("../../etc/passwd", 40), "etc_passwd");
    }
}
