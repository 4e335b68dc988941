//! What a person changes in a file by hand, shown as a `diff` block.

/// The text after the change. Lines with ` ` and `-` must stand in it one after the other, once; those with
/// `-` go, those with `+` come. A line `@@` begins another such change.
pub(crate) fn apply(text: &str, patch: &str) -> Result<String, String> {
    patch
        .split("@@\n")
        .filter(|hunk| !hunk.is_empty())
        .try_fold(text.to_owned(), |text, hunk| one(&text, hunk))
}

fn one(text: &str, hunk: &str) -> Result<String, String> {
    let (mut before, mut after) = (String::new(), String::new());
    for line in hunk.lines() {
        let (mark, rest) = line.split_at_checked(1).unwrap_or((" ", ""));
        if mark != "+" {
            before.push_str(&format!("{rest}\n"));
        }
        if mark != "-" {
            after.push_str(&format!("{rest}\n"));
        }
    }
    match text.matches(&before).count() {
        1 => Ok(text.replacen(&before, &after, 1)),
        count => Err(format!("these lines stand in it {count} times:\n{before}in:\n{text}")),
    }
}
