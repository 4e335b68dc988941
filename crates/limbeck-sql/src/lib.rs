//! Text that goes to a Postgres server: quoting, a lexer, and the few rewrites of deparsed text that
//! reproduce what the server stored. Knows nothing of catalogs or migrations.
//!
//! Quoting of identifiers and literals lives here and nowhere else.

mod deparsed;
mod hidden;
mod lex;
mod quote;
mod types;

pub use deparsed::{reparseable, strip_outer_parens};
pub use hidden::{is_hidden, one_line, spelled_out, spelled_out_json};
pub use lex::{
    Token, TokenKind, balanced_end, bracketed, identifiers, split_at_symbol, split_top_level, tokens,
    unquoted,
};
pub use quote::{ident, ident_list, literal, qualified};
pub use types::{canonical_type, short_type};
