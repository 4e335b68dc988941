//! The JSON Schema in `schema/` is what the types say. `LIMBECK_BLESS=1` writes it anew.

use std::path::Path;

#[test]
fn is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/report.schema.json");
    let mut text = serde_json::to_string_pretty(&limbeck_report::schema::json_schema()).expect("JSON");
    text.push('\n');
    if std::env::var_os("LIMBECK_BLESS").is_some() {
        std::fs::write(&path, &text).expect("the schema is written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == text, "{} is stale: run this test with LIMBECK_BLESS=1", path.display());
}
