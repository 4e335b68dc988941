//! The reader of revision files: any text is read or refused; what was read is written so that the same is read
//! again. Several files make a graph, or don't.

#![no_main]

use libfuzzer_sys::fuzz_target;
use limbeck_migrate::file::{parse, render, statements, with_header};
use limbeck_migrate::{Direction, Graph, PartText};

/// What stands between two files.
const NEXT: &str = "\n=====\n";

fuzz_target!(|text: &str| {
    let files: Vec<(String, &str)> =
        text.split(NEXT).enumerate().map(|(number, text)| (format!("{number}.sql"), text)).collect();
    for (path, text) in &files {
        one(path, text);
    }
    if let Ok(graph) = Graph::read(files.iter().map(|(path, text)| (path.as_str().into(), *text))) {
        for revision in graph.revisions() {
            graph.resolve(revision.id().as_str(), &[]).expect("every revision is found by its id");
        }
        graph.resolve("heads", &[]).expect("every graph has heads");
    }
});

fn one(path: &str, text: &str) {
    let revision = match parse(path.into(), text) {
        Ok(revision) => revision,
        Err(mistakes) => {
            let lines = text.lines().count().max(1);
            assert!(mistakes.iter().all(|mistake| (1..=lines).contains(&mistake.line)), "{mistakes:?}");
            return;
        }
    };
    let parts =
        |direction| revision.parts(direction).iter().map(|part| part.text.clone()).collect::<Vec<PartText>>();
    let (up, down) = (parts(Direction::Upgrade), parts(Direction::Downgrade));
    for part in up.iter().chain(&down) {
        let spans = statements(&part.sql);
        assert!(spans.iter().all(|span| span.start < span.end && part.sql.is_char_boundary(span.end)));
    }
    let again = parse(path.into(), &render(&revision.header, &up, &down)).expect("what is written is read");
    assert_eq!(again.header.id, revision.header.id);
    for direction in [Direction::Upgrade, Direction::Downgrade] {
        if !revision.parts(direction).is_empty() {
            assert_eq!(again.checksum(direction), revision.checksum(direction));
        }
    }
    let headed =
        parse(path.into(), &with_header(text, &revision.header)).expect("a new header changes nothing");
    for direction in [Direction::Upgrade, Direction::Downgrade] {
        assert_eq!(headed.checksum(direction), revision.checksum(direction));
    }
}
