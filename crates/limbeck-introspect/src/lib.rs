//! The connection's one snapshot: a live database as a catalog.
