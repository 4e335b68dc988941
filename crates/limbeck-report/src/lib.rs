//! Readable and machine-readable renderings of a diff and a plan. Pure.
