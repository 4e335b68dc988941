//! The reader of models: any text is read or refused, with places that are in it; what was read is written so that
//! it is read again without a mistake.

#![no_main]

use libfuzzer_sys::fuzz_target;
use limbeck_model::{SourceFile, WriteOptions, read_files, write};

fuzz_target!(|text: &str| {
    let file = SourceFile { path: "models/a.yaml".into(), text: text.to_owned() };
    let (declared, diagnostics) = read_files(vec![file]);
    let undeclared = declared.undeclared.iter().map(|(_, diagnostic)| diagnostic);
    for diagnostic in diagnostics.iter().chain(undeclared) {
        diagnostic.render(&declared.files, false);
        if let Some(place) = diagnostic.report(&declared.files).place {
            assert!(place.line <= text.matches('\n').count() + 1, "{place:?}");
        }
    }
    if !diagnostics.is_empty() {
        return;
    }
    let files = write(&declared.catalog, &WriteOptions::default());
    let files: Vec<_> = files.into_iter().map(|(path, text)| SourceFile { path, text }).collect();
    let (_, diagnostics) = read_files(files.clone());
    let said: String = diagnostics.iter().map(|diagnostic| diagnostic.render(&files, false)).collect();
    assert!(diagnostics.is_empty(), "{said}");
});
