//! What "this revision was edited since it was applied" is decided by.

use sha2::{Digest, Sha256};

use super::Part;

/// SHA-256, in hex, of the SQL of some parts.
///
/// Line ends count as LF, because git changes them between machines; blank lines around a part and
/// white space at line ends don't count. How a part is run (in a transaction or not, with which
/// settings) is not SQL and does not count either.
pub fn checksum(parts: &[Part]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        for line in part.text.sql.trim().lines() {
            hash.update(line.trim_end().as_bytes());
            hash.update(b"\n");
        }
        hash.update(b"\0");
    }
    hex(hash)
}

/// SHA-256, in hex, of a text as it is.
pub(crate) fn text_checksum(text: &str) -> String {
    hex(Sha256::new_with_prefix(text))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::PartText;

    fn sum(sql: &str) -> String {
        checksum(&[Part { text: PartText { sql: sql.into(), ..PartText::default() }, line: 1 }])
    }

    #[test]
    fn line_ends_do_not_count_and_words_do() {
        assert_eq!(sum("select 1;\nselect 2;\n"), sum("\r\nselect 1;\r\nselect 2;  "));
        assert_ne!(sum("select 1;"), sum("select 2;"));
    }
}
