//! Scratch databases: providers, settling and proving.
