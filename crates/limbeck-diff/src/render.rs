//! A plan as the parts of a revision: text with its notes as comments right over each statement.

use crate::plan::Plan;

/// A part of a revision: statements that go to the server together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Whether it runs in the revision's transaction.
    pub transactional: bool,
    /// Whether bodies of functions are not looked into while it runs (`check_function_bodies`).
    pub unchecked_bodies: bool,
    /// The statements, each with its comments, ended by semicolons.
    pub sql: String,
}

/// The parts of a plan, in order.
pub fn parts(plan: &Plan) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for action in plan.steps.iter().flat_map(|step| &step.actions) {
        let mut text = String::new();
        for note in &action.notes {
            text.push_str(&format!("-- {note}\n"));
        }
        let sql = action.text();
        let sql = limbeck_sql::spelled_out(&sql);
        if action.commented {
            let lines = sql.lines().map(|line| format!("-- {line}")).collect::<Vec<_>>();
            text.push_str(&format!("{};\n", lines.join("\n")));
        } else {
            text.push_str(&format!("{sql};\n"));
        }
        match parts.last_mut() {
            Some(last) if last.transactional && !action.own_part => {
                let separate =
                    !action.notes.is_empty() || text.contains(";\n--") || text.matches('\n').count() > 1;
                if separate && !last.sql.ends_with("\n\n") {
                    last.sql.push('\n');
                }
                last.sql.push_str(&text);
                if separate {
                    last.sql.push('\n');
                }
                last.unchecked_bodies |= action.unchecked_body;
            }
            _ => parts.push(Part {
                transactional: !action.own_part,
                unchecked_bodies: action.unchecked_body,
                sql: text,
            }),
        }
    }
    for part in &mut parts {
        part.sql.truncate(part.sql.trim_end().len());
        part.sql.push('\n');
    }
    parts
}
