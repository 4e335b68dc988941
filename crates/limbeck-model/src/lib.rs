//! Models: YAML to declared objects and back, with positions and diagnostics.
