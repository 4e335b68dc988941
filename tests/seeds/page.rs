//! A page in its pieces: what is run, what is written, what is wished, and the prose between.

/// One piece, in the page's order. Put together again, unchanged pieces give the page's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Anything else, as it stands.
    Prose(String),
    /// `<!-- test: … -->`.
    Wish { line: usize, text: String },
    /// A fenced block with a path after its language: a file's whole text.
    File { language: String, path: String, text: String },
    /// A `diff` block with a path: what a person changes in a file.
    Patch { path: String, text: String },
    /// An `sql` block with `@NAME`: somebody runs this in that database, past limbeck.
    Sql { database: String, text: String },
    /// A `console` block.
    Console(Vec<Exchange>),
}

/// A command, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// Where it stands.
    pub(crate) line: usize,
    /// The command, without `$`; lines that continue it follow.
    pub(crate) command: String,
    /// What it says, without the last line's end.
    pub(crate) says: String,
}

/// Takes a page apart.
pub(crate) fn parse(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        if let Some(wish) = line.strip_prefix("<!-- test: ") {
            let text = wish.strip_suffix(" -->").ok_or(format!("line {}: no `-->`", index + 1))?;
            pieces.push(Piece::Wish { line: index + 1, text: text.to_owned() });
        } else if let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) {
            let body: Vec<(usize, &str)> = lines.by_ref().take_while(|(_, l)| *l != "```").collect();
            pieces.push(block(info, &body)?);
        } else {
            match pieces.last_mut() {
                Some(Piece::Prose(prose)) => prose.push_str(&format!("{line}\n")),
                _ => pieces.push(Piece::Prose(format!("{line}\n"))),
            }
        }
    }
    Ok(pieces)
}

fn block(info: &str, body: &[(usize, &str)]) -> Result<Piece, String> {
    let text: String = body.iter().map(|(_, line)| format!("{line}\n")).collect();
    Ok(match info.split_once(' ') {
        None if info == "console" => Piece::Console(exchanges(body)?),
        None => Piece::Prose(format!("```{info}\n{text}```\n")),
        Some(("sql", place)) if place.starts_with('@') => {
            Piece::Sql { database: place[1..].to_owned(), text }
        }
        Some(("diff", path)) => Piece::Patch { path: path.to_owned(), text },
        Some((language, path)) => Piece::File { language: language.to_owned(), path: path.to_owned(), text },
    })
}

/// `$ ` begins a command, `> ` goes on with it, all else is what it says.
fn exchanges(body: &[(usize, &str)]) -> Result<Vec<Exchange>, String> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for (index, line) in body {
        if let Some(command) = line.strip_prefix("$ ") {
            let command = command.to_owned();
            exchanges.push(Exchange { line: index + 1, command, says: String::new() });
            continue;
        }
        let last = exchanges.last_mut().ok_or(format!("line {}: output of no command", index + 1))?;
        match line.strip_prefix("> ") {
            Some(more) if last.says.is_empty() => last.command.push_str(&format!("\n{more}")),
            _ => last.says.push_str(&format!("{line}\n")),
        }
    }
    exchanges.iter_mut().for_each(|e| e.says.truncate(e.says.trim_end().len()));
    Ok(exchanges)
}

/// The page's text.
pub(crate) fn text(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Prose(text) => text.clone(),
            Piece::Wish { text, .. } => format!("<!-- test: {text} -->\n"),
            Piece::File { language, path, text } => format!("```{language} {path}\n{text}```\n"),
            Piece::Patch { path, text } => format!("```diff {path}\n{text}```\n"),
            Piece::Sql { database, text } => format!("```sql @{database}\n{text}```\n"),
            Piece::Console(exchanges) => {
                format!("```console\n{}```\n", exchanges.iter().map(Exchange::text).collect::<String>())
            }
        })
        .collect()
}

impl Exchange {
    fn text(&self) -> String {
        let command = self.command.replace('\n', "\n> ");
        let says = if self.says.is_empty() { String::new() } else { format!("{}\n", self.says) };
        format!("$ {command}\n{says}")
    }
}
