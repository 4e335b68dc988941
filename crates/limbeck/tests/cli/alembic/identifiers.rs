//! Which revisions a word names: Alembic's answers (`identifiers.txt`), and ours.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use limbeck_migrate::graph::Point;
use limbeck_migrate::{Applied, Graph, Planned, State, plan, version};

use crate::project::{Project, revision_text};

const QUESTIONS: &str = include_str!("identifiers.txt");

/// Where the answers differ: the question, our answer, and the heading of `docs/alembic-commands.md` that
/// says why.
const DIFFERENT: &[(&str, &str, &str)] = &[
    ("line | upgrade |  | base", "error", "A word that leads the other way"),
    ("line | upgrade | bb22 | base", "error", "A word that leads the other way"),
    ("diamond | upgrade |  | left@base", "error", "A word that leads the other way"),
    ("line | show |  | head-1", "cc33", "Steps from a revision, everywhere"),
    ("line | show |  | cc33-1", "bb22", "Steps from a revision, everywhere"),
    ("line | show |  | aa11+1", "bb22", "Steps from a revision, everywhere"),
    ("bases | show |  | lib2-1", "lib1", "Steps from a revision, everywhere"),
    ("line | history |  | head-1:head", "cd44 cc33", "Steps from a revision, everywhere"),
    ("bases | history |  | app1:lib2", "lib2 app1", "Steps from a revision, everywhere"),
    ("diamond | downgrade | m003 | -1", "m003", "Back across a merge"),
    ("diamond | downgrade | m003 | left@-1", "m003", "Back across a merge"),
    ("diamond | downgrade | z004 | -2", "z004 m003", "Back across a merge"),
    ("diamond | downgrade | a002 b002 | -1", "error", "Back from several heads"),
    ("bases | downgrade | app3 lib2 | -1", "error", "Back from several heads"),
    ("fork | downgrade | f011 f012 | -1", "error", "Back from several heads"),
    ("diamond | downgrade | m003 | left@base", "m003 a002 a001", "One line is one line"),
    ("diamond | downgrade | a002 b002 | left@base", "a002 a001", "One line is one line"),
    ("diamond | downgrade | a002 b002 | right@base", "b002 b001", "One line is one line"),
    ("fork | downgrade | f011 f012 | one@base", "f011 f001", "One line is one line"),
    ("diamond | stamp | m003 | a002", "a002 b002", "One line is one line"),
    ("diamond | stamp | m003 | a001", "a001 b002", "One line is one line"),
    ("bases | stamp | app3 lib2 | app1", "app1 lib2", "One line is one line"),
    ("bases | stamp |  | lib2", "app1 lib2", "Dependencies have rows of their own"),
    ("bases | stamp |  | lib@head", "app1 lib2", "Dependencies have rows of their own"),
];

/// One line of `identifiers.txt`.
struct Question<'a> {
    graph: &'a str,
    command: &'a str,
    current: Vec<&'a str>,
    word: &'a str,
    answer: &'a str,
}

impl Question<'_> {
    fn name(&self) -> String {
        format!("{} | {} | {} | {}", self.graph, self.command, self.current.join(" "), self.word)
    }
}

fn questions() -> impl Iterator<Item = Question<'static>> {
    QUESTIONS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let [graph, command, current, word, answer] =
            line.split('|').map(str::trim).collect::<Vec<_>>().try_into().ok()?;
        Some(Question { graph, command, current: current.split_whitespace().collect(), word, answer })
    })
}

fn graphs() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut graphs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut name = "";
    for line in QUESTIONS.lines() {
        if let Some(next) = line.strip_prefix("graph ") {
            name = next;
        } else if let Some(revision) = line.strip_prefix("  ") {
            graphs.entry(name).or_default().push(revision);
        }
    }
    graphs
}

fn graph(lines: &[&str]) -> Graph {
    let read = |line: &&str| limbeck_migrate::file::parse("x.sql".into(), &revision_text(line)).unwrap();
    Graph::new(lines.iter().map(read).collect()).unwrap()
}

/// What is applied where these are the heads.
fn applied(graph: &Graph, heads: &[&str]) -> Vec<Applied> {
    let ids = if heads.is_empty() { Vec::new() } else { plan::stamp(graph, &[], heads, true).unwrap() };
    let row = |id| {
        let revision = graph.get(id).unwrap();
        Applied {
            revision: revision.id().clone(),
            parents: revision.header.parents.clone(),
            message: String::new(),
            upgrade_sha256: String::new(),
            downgrade_sha256: String::new(),
            applied_at: String::new(),
            duration_ms: None,
            applied_by: String::new(),
            tool_version: String::new(),
            state: State::Applied,
        }
    };
    ids.iter().map(row).collect()
}

fn words<T: ToString>(ids: impl IntoIterator<Item = T>) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    if ids.is_empty() { "-".into() } else { ids.join(" ") }
}

fn answer(question: &Question<'_>, graph: &Graph) -> String {
    let applied = applied(graph, &question.current);
    let planned = |planned: limbeck_migrate::Result<Vec<Planned>>| {
        planned.map_or("error".into(), |list| words(list.iter().map(|plan| &plan.revision)))
    };
    match question.command {
        "upgrade" => planned(plan::upgrade(graph, &applied, question.word)),
        "downgrade" => planned(plan::downgrade(graph, &applied, question.word)),
        "show" => match graph.resolve(question.word, &version::heads(graph, &applied)) {
            Ok(Point::At(mut ids)) => {
                ids.sort();
                words(ids)
            }
            Ok(Point::Base { .. }) => "-".into(),
            Err(_) => "error".into(),
        },
        "stamp" => {
            let targets: Vec<&str> = question.word.split(' ').collect();
            let Ok(ids) = plan::stamp(graph, &applied, &targets, false) else { return "error".into() };
            let there: Vec<Applied> =
                self::applied(graph, &ids.iter().map(|id| id.as_str()).collect::<Vec<_>>());
            let mut heads = version::heads(graph, &there);
            heads.sort();
            words(heads)
        }
        other => panic!("no command {other}"),
    }
}

/// Order among lines that don't meet is free, if no revision comes before what it needs.
fn same(question: &Question<'_>, graph: &Graph, ours: &str) -> bool {
    let sorted = |text: &str| {
        let mut ids: Vec<String> = text.split(' ').map(str::to_owned).collect();
        ids.sort();
        ids
    };
    if sorted(ours) != sorted(question.answer) {
        return false;
    }
    let place = |id: &str| graph.revisions().iter().position(|r| r.id().as_str() == id);
    let mut places: Vec<_> = ours.split(' ').filter_map(place).collect();
    if question.command == "downgrade" {
        places.reverse();
    }
    !matches!(question.command, "upgrade" | "downgrade") || places.is_sorted()
}

#[track_caller]
fn compare(question: &Question<'_>, graph: &Graph, ours: &str, wrong: &mut Vec<String>) {
    let name = question.name();
    let known = DIFFERENT.iter().find(|(question, ..)| *question == name);
    let fits = match known {
        Some((_, expected, _)) => *expected == ours && ours != question.answer,
        None => same(question, graph, ours),
    };
    if !fits {
        wrong.push(format!("{name} | alembic: {} | limbeck: {ours}", question.answer));
    }
}

#[test]
fn words_name_what_they_name_in_alembic() {
    let graphs: BTreeMap<&str, Graph> =
        graphs().into_iter().map(|(name, lines)| (name, graph(&lines))).collect();
    let mut wrong = Vec::new();
    for question in questions().filter(|question| question.command != "history") {
        let graph = &graphs[question.graph];
        compare(&question, graph, &answer(&question, graph), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ranges_show_what_they_show_in_alembic() {
    let mut wrong = Vec::new();
    for (name, lines) in graphs() {
        let project = Project::new(&format!("ranges-{name}"));
        lines.iter().for_each(|line| project.revision(line));
        // `current` needs a database: `history.rs` asks that.
        let asked =
            |q: &Question<'_>| q.graph == name && q.command == "history" && !q.word.contains("current");
        for question in questions().filter(asked) {
            let ran = project.run(&["history", "-r", question.word]);
            let id = |line: &str| Some(line.split_once("-> ")?.1.split([' ', ',']).next()?.to_owned());
            let ours = if ran.code == 0 { words(ran.out.lines().filter_map(id)) } else { "error".into() };
            compare(&question, &graph(&lines), &ours, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn differences_are_explained() {
    let docs =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/alembic-commands.md"));
    let docs = docs.unwrap();
    for (question, _, reason) in DIFFERENT {
        assert!(docs.contains(reason), "{question}: no {reason:?} in docs/alembic-commands.md");
        assert!(questions().any(|q| q.name() == *question), "{question} is not asked");
    }
}

/// Alembic itself, where the tests of `init --from-alembic` have fetched it.
#[test]
fn the_answers_are_alembics() {
    let packages = Path::new(env!("CARGO_TARGET_TMPDIR")).join("alembic/packages");
    if !packages.exists() {
        eprintln!("NOT ASKED: {} is not there; Alembic's answers are taken as they were", packages.display());
        return;
    }
    let mut asked = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/alembic/ask.py"))
        .env("PYTHONPATH", packages)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    asked.stdin.take().unwrap().write_all(QUESTIONS.as_bytes()).unwrap();
    let output = asked.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), QUESTIONS);
}
