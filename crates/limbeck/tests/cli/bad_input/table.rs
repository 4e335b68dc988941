//! `docs/bad-input.md`: each of its tests is there.

use std::path::Path;

#[test]
fn every_item_has_a_test_that_is_there() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(crates.join("../docs/bad-input.md")).unwrap();
    let rows: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| ") && line.contains(".rs: ")).collect();
    assert!(rows.len() > 30, "{} rows", rows.len());
    for row in rows {
        let cells: Vec<&str> = row.split(" | ").collect();
        let [_, _, tests] = cells[..] else { panic!("not three cells: {row}") };
        for test in tests.trim_end_matches(" |").split(", ") {
            let test = test.trim().trim_matches('`');
            let (file, name) = test.split_once(": ").unwrap_or_else(|| panic!("{row}: {test:?}"));
            let text = std::fs::read_to_string(crates.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
            assert!(text.contains(&format!("fn {name}(")), "{row}: no {name} in {file}");
        }
    }
}
