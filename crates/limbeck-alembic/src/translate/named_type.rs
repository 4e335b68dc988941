//! Enum types, schemas and sequences that a script makes or drops by themselves.

use limbeck_sql::ident;

use super::arguments::Arguments;
use super::column::sequence_options;
use super::text::named;
use super::types;
use super::{Output, Statement};
use crate::value::{Call, Value, Why, why};

/// `enum.create(op.get_bind(), checkfirst=True)` and `enum.drop(…)`.
pub(super) fn method(of: &Value, call: &Call, out: &mut Output) -> Result<(), Why> {
    let kind = types::enum_of(of)?;
    let mut arguments = Arguments::of(call, &["bind", "checkfirst"]);
    arguments.ignore(&["bind"]);
    let looks = arguments.maybe_bool("checkfirst")?.unwrap_or(true);
    arguments.finish()?;
    match call.name.as_str() {
        "create" => out.push(Statement::CreateEnum { name: kind.name.clone(), sql: kind.create(), looks }),
        "drop" => {
            let exists = if looks { "IF EXISTS " } else { "" };
            out.push(Statement::plain(format!("DROP TYPE {exists}{}", kind.name)));
        }
        other => return why(format!("`.{other}()` of an Enum is not understood")),
    }
    Ok(())
}

/// `op.execute(sa.schema.CreateSchema("x"))` and its like; none if the value is something else.
pub(super) fn element(value: &Value) -> Result<Option<String>, Why> {
    let Value::Call(call) = value else { return Ok(None) };
    let (verb, kind) = match call.name.as_str() {
        "sa.CreateSchema" => ("CREATE", "SCHEMA"),
        "sa.DropSchema" => ("DROP", "SCHEMA"),
        "sa.CreateSequence" => ("CREATE", "SEQUENCE"),
        "sa.DropSequence" => ("DROP", "SEQUENCE"),
        _ => return Ok(None),
    };
    let mut arguments = Arguments::of(call, &["element"]);
    let element = arguments.take("element");
    let exists = match (verb, arguments.flag("if_not_exists")?, arguments.flag("if_exists")?) {
        ("CREATE", true, _) => "IF NOT EXISTS ",
        ("DROP", _, true) => "IF EXISTS ",
        _ => "",
    };
    let cascade = if arguments.flag("cascade")? { " CASCADE" } else { "" };
    arguments.finish()?;
    let rest = match (kind, element) {
        ("SCHEMA", Some(Value::Text(name))) => ident(&name),
        ("SEQUENCE", Some(Value::Call(sequence))) if sequence.name == "sa.Sequence" => {
            self::sequence(verb, &sequence)?
        }
        _ => return why(format!("`{}` of something that is not understood", call.name)),
    };
    Ok(Some(format!("{verb} {kind} {exists}{rest}{cascade}")))
}

fn sequence(verb: &str, call: &Call) -> Result<String, Why> {
    let mut arguments = Arguments::of(call, &["name", "start", "increment"]);
    let (name, schema) = (arguments.text("name")?, arguments.maybe_text("schema")?);
    let options = sequence_options(&mut arguments)?;
    let kind = arguments.take("data_type").map(|kind| types::read(&kind)).transpose()?;
    arguments.ignore(&["metadata", "optional", "quote"]);
    arguments.finish()?;
    let name = named(schema.as_deref(), &name);
    let kind = kind.map(|kind| format!(" AS {}", kind.sql)).unwrap_or_default();
    let options = if options.is_empty() { options } else { format!(" {options}") };
    Ok(if verb == "CREATE" { format!("{name}{kind}{options}") } else { name })
}
