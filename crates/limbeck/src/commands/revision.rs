//! `limbeck revision`.

use camino::Utf8PathBuf;
use limbeck_migrate::graph::Point;
use limbeck_migrate::{Graph, Header, RevisionId};

use crate::context::Ctx;
use crate::exit::{Answer, Code, Failure, Result};
use crate::migrations::{self, Draft};
use crate::output;

/// Write a new revision; with --autogenerate, the candidate from the database to the models
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What it is about, in a few words
    #[arg(short, long, value_name = "MSG", default_value = "")]
    message: String,
    /// Fill it with what leads from the database to the models
    #[arg(long)]
    autogenerate: bool,
    /// Print the file instead of writing it
    #[arg(long)]
    sql: bool,
    /// What it follows: a head, or `base` for a new line
    #[arg(long, value_name = "REV", default_value = "head")]
    head: String,
    /// Let it follow a revision that is no head
    #[arg(long)]
    splice: bool,
    /// A name for the line that begins here
    #[arg(long, value_name = "LABEL")]
    branch_label: Vec<String>,
    /// A revision of another line that must be applied first
    #[arg(long, value_name = "REV")]
    depends_on: Vec<String>,
    /// The folder it goes into, one of those under [migrations]
    #[arg(long, value_name = "DIR")]
    version_path: Option<Utf8PathBuf>,
    /// Its id, if it shall not be a random one
    #[arg(long, value_name = "ID")]
    rev_id: Option<String>,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let graph = migrations::graph(ctx)?;
    let mut header = Header::new(new_id(&graph, args.rev_id.as_deref())?, args.message.trim());
    header.parents = parents(&graph, &args.head, args.splice)?;
    header.labels.clone_from(&args.branch_label);
    if let Some(label) = header.labels.iter().find(|l| graph.resolve(l, &[]).is_ok() || l.contains(['@', ':', '+', ','])) {
        return Err(Failure::usage(format!("{label:?} can't be a label")).note("it names something already, or holds @ : + or a comma"));
    }
    for word in &args.depends_on {
        header.depends_on.push(graph.resolve_one(word, &[]).map_err(limbeck_migrate::Error::from)?.to_string());
    }
    let draft = Draft::new(ctx, header, folder(ctx, args.version_path)?)?;
    if args.autogenerate {
        return super::autogenerate::run(ctx, &graph, draft, args.sql).await;
    }
    if args.sql {
        output::data(draft.text(&[], &[]).trim_end());
        return Ok(Answer::Yes);
    }
    written(ctx, &draft.header, &draft.write(&[], &[])?)
}

/// Says which file was written.
pub(crate) fn written(ctx: &Ctx, header: &Header, path: &Utf8PathBuf) -> Result<Answer> {
    match ctx.format()? {
        crate::context::Format::Human => output::data(format!("wrote {path}")),
        crate::context::Format::Json => {
            output::json(serde_json::json!({ "revision": header.id.as_str(), "file": path }));
        }
    }
    Ok(Answer::Yes)
}

/// An id that nothing has yet.
pub(crate) fn new_id(graph: &Graph, wanted: Option<&str>) -> Result<RevisionId> {
    let id = match wanted {
        Some(text) => RevisionId::parse(text).map_err(|bad| Failure::usage(bad.to_string()))?,
        None => RevisionId::random()?,
    };
    match graph.get(&id) {
        Some(taken) => Err(Failure::usage(format!("the id {id} is that of {}", taken.path)).help("take another `--rev-id`")),
        None => Ok(id),
    }
}

fn parents(graph: &Graph, head: &str, splice: bool) -> Result<Vec<RevisionId>> {
    let ids = match graph.resolve(head, &[]).map_err(limbeck_migrate::Error::from)? {
        Point::Base { .. } => return Ok(Vec::new()),
        Point::At(ids) => ids,
    };
    let heads: Vec<&RevisionId> = graph.heads().into_iter().map(|r| r.id()).collect();
    match ids.iter().find(|id| !heads.contains(id)) {
        Some(id) if !splice => Err(Failure::new(Code::Usage, format!("{id} is no head: a revision after it makes a branch"))
            .help("`--splice` does that; `--head head` follows the newest")),
        _ => Ok(ids),
    }
}

/// The folder of new revisions.
pub(crate) fn folder(ctx: &Ctx, wanted: Option<Utf8PathBuf>) -> Result<Utf8PathBuf> {
    let known = migrations::directories(ctx)?;
    let Some(wanted) = wanted else { return Ok(known.into_iter().next().unwrap_or_default()) };
    let wanted = migrations::tidy(wanted);
    if known.contains(&wanted) {
        return Ok(wanted);
    }
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    Err(Failure::usage(format!("{wanted} is not under [migrations] directory")).help(format!("it has {}", names.join(", "))))
}
