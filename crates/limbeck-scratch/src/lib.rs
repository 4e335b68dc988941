//! Scratch databases: providers, settling and proving.

pub mod provider;
