//! Revision files, their graph, and the runner.
