//! The JSON Schema of what `--format json` prints, from the types themselves.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use crate::report::{ChainProof, Proof, Report};

/// The schema: a comparison (`diff`, `check`) or a proof, of a revision or of a chain (`prove`).
pub fn json_schema() -> Value {
    let mut generator = SchemaGenerator::default();
    let comparison = generator.subschema_for::<Report>();
    let proof = generator.subschema_for::<Proof>();
    let chain = generator.subschema_for::<ChainProof>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "limbeck report",
        "description": "What `limbeck diff`, `check` and `prove` print with `--format json`.",
        "anyOf": [comparison, proof, chain],
        "$defs": generator.take_definitions(true),
    })
}
