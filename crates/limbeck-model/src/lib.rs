//! Models: YAML to declared objects and back, with positions and diagnostics.
//!
//! Reading order: [`diagnostic`] (what is wrong and where), `yaml` (text to a tree with positions),
//! `de` (a tree to a kind's fields), `sections` (which keys are objects of their own).
//!
//! Nothing here talks to a server, and nothing here knows a kind's fields: the documents are the
//! kinds' own.

mod de;
pub mod diagnostic;
mod sections;
mod yaml;

pub use diagnostic::{Diagnostic, Place, Report, SourceFile};
