//! Pairing, renames, fates, the graph and the plan. Pure.
