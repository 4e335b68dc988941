//! `embed!`, which `limbeck-migrate` hands on: the revision files of folders as text inside a binary.
//!
//! A crate of its own because macros of this kind must be; without dependencies, because what it does is
//! reading a folder and writing one expression. Each file becomes an `include_str!`, so that the compiler
//! sees to it that a changed file is noticed.

use std::path::{Path, PathBuf};

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// The revision files of folders, inside the binary: `embed!("migrations")`, or several, in the order in
/// which `limbeck.toml` names them.
///
/// A path begins at the `Cargo.toml` of the crate that is compiled. Hidden files and whatever doesn't end in
/// `.sql` stay out; folders within are read. The files are read, and mistakes in them said, when the
/// migrator is run: a unit test with `MIGRATIONS.graph()` finds them earlier.
///
/// A file that changes is noticed by the compiler; one that is added is not, unless the crate has a
/// `build.rs` that says so:
///
/// ```
/// // in `main` of build.rs
/// println!("cargo:rerun-if-changed=migrations");
/// ```
#[proc_macro]
pub fn embed(input: TokenStream) -> TokenStream {
    let result = folders(input).and_then(|folders| {
        let root = std::env::var("CARGO_MANIFEST_DIR")
            .map_err(|_| Mistake::new("CARGO_MANIFEST_DIR is not set: cargo sets it"))?;
        let mut found = Vec::new();
        for folder in &folders {
            files(Path::new(&root), folder, &mut found)?;
        }
        expression(&found)
    });
    result.unwrap_or_else(|mistake| mistake.compile_error())
}

/// What is wrong with a call, and where.
struct Mistake {
    message: String,
    span: Span,
}

impl Mistake {
    fn new(message: impl Into<String>) -> Self {
        Mistake { message: message.into(), span: Span::call_site() }
    }

    fn compile_error(self) -> TokenStream {
        let text = std::iter::once(TokenTree::Literal(Literal::string(&self.message)));
        let tokens: [TokenTree; 3] = [
            Ident::new("compile_error", self.span).into(),
            Punct::new('!', Spacing::Alone).into(),
            Group::new(Delimiter::Brace, text.collect()).into(),
        ];
        let spanned = tokens.into_iter().map(|mut token| {
            token.set_span(self.span);
            token
        });
        spanned.collect()
    }
}

/// A folder as it was written, and where.
struct Folder {
    name: String,
    span: Span,
}

impl Folder {
    fn mistake(&self, message: impl std::fmt::Display) -> Mistake {
        Mistake { message: format!("{}: {message}", self.name), span: self.span }
    }
}

/// The folders that a call names.
fn folders(input: TokenStream) -> Result<Vec<Folder>, Mistake> {
    let mut folders = Vec::new();
    let mut tokens = input.into_iter();
    while let Some(token) = tokens.next() {
        let (text, span) = (token.to_string(), token.span());
        let name = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let Some(name) = name.filter(|name| !name.contains('\\')) else {
            let message = format!("{text} is no folder: write it in plain quotes, with /, `\"migrations\"`");
            return Err(Mistake { message, span });
        };
        folders.push(Folder { name: name.to_owned(), span });
        match tokens.next() {
            None => break,
            Some(TokenTree::Punct(comma)) if comma.as_char() == ',' => {}
            Some(other) => {
                let message = "folders are parted by commas".to_owned();
                return Err(Mistake { message, span: other.span() });
            }
        }
    }
    if folders.is_empty() {
        return Err(Mistake::new("name the folder of the revisions: `embed!(\"migrations\")`"));
    }
    Ok(folders)
}

/// A file: its path as messages will name it, and where the compiler finds it.
type File = (String, String);

/// The `.sql` files of a folder and the folders in it, hidden ones left out, by name.
fn files(root: &Path, folder: &Folder, found: &mut Vec<File>) -> Result<(), Mistake> {
    let mut open = vec![root.join(&folder.name)];
    let mut paths: Vec<PathBuf> = Vec::new();
    while let Some(at) = open.pop() {
        let entries = std::fs::read_dir(&at).map_err(|e| folder.mistake(format!("{}: {e}", at.display())))?;
        for entry in entries {
            let path = entry.map_err(|e| folder.mistake(e))?.path();
            let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if hidden {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    for path in paths {
        let name = path.strip_prefix(root).unwrap_or(&path).to_str().map(|name| name.replace('\\', "/"));
        let (Some(name), Some(absolute)) = (name, path.to_str()) else {
            return Err(folder.mistake(format!("{} is not UTF-8", path.display())));
        };
        found.push((name, absolute.to_owned()));
    }
    Ok(())
}

/// `::limbeck_migrate::Embedded::new(&[("migrations/a.sql", ::core::include_str!("/…/a.sql"))])`
fn expression(files: &[File]) -> Result<TokenStream, Mistake> {
    let pairs = files.iter().map(|(name, path)| format!("({name:?}, ::core::include_str!({path:?}))"));
    let text = format!("::limbeck_migrate::Embedded::new(&[{}])", pairs.collect::<Vec<_>>().join(", "));
    text.parse().map_err(|_| Mistake::new("a file's name can't be written in Rust"))
}
