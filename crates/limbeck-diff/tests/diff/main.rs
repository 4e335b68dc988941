//! Tests of the diff: catalogs written by hand, plans read as text. No server, no IO.
//!
//! [`sides`] reads the small catalogs and has the one helper, `check(from, to, expect)`; the rest is one file
//! a subject.

mod sides;

mod contracting;
mod cycles;
mod mentions;
mod notes;
mod reactions;
mod renames;
mod rendering;
mod slices;
mod slots;
