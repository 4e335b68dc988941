//! `limbeck revision`.

use camino::Utf8PathBuf;
use limbeck_migrate::graph::Point;
use limbeck_migrate::{Graph, Header, RevisionId};

use crate::context::Ctx;
use crate::exit::{Answer, Failure, Result};
use crate::migrations::{self, Draft};
use crate::sources::Source;
use crate::turn::Turn;
use crate::{completing, hooks, output};

/// Write a new revision; with --autogenerate, the candidate from the database to the models
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What it is about, in a few words
    #[arg(short, long, value_name = "MSG", default_value = "")]
    message: String,
    /// Fill it with what leads from the database to the models
    #[arg(long)]
    autogenerate: bool,
    /// What the candidate starts from: `db`, `migrations`, a URL, a snapshot file, `git:REV`,
    /// or a folder of models
    #[arg(long, value_name = "SOURCE", default_value = "db", requires = "autogenerate")]
    from: String,
    /// Print the file instead of writing it
    #[arg(long)]
    sql: bool,
    /// What it follows: a head, or `base` for a new line
    #[arg(long, value_name = "REV", default_value = "head", add = completing::revisions())]
    head: String,
    /// Let it follow a revision that is no head
    #[arg(long)]
    splice: bool,
    /// A name for the line that begins here
    #[arg(long, value_name = "LABEL")]
    branch_label: Vec<String>,
    /// A revision of another line that must be applied first
    #[arg(long, value_name = "REV", add = completing::revisions())]
    depends_on: Vec<String>,
    /// The folder it goes into, one of those under [migrations]; its parent's where nothing is said
    #[arg(long, value_name = "DIR")]
    version_path: Option<Utf8PathBuf>,
    /// Its id, if it shall not be a random one
    #[arg(long, value_name = "ID")]
    rev_id: Option<String>,
}

/// Runs it.
pub(crate) async fn run(ctx: &Ctx, args: Args) -> Result<Answer> {
    let folder = args.version_path.map(|wanted| version_path(ctx, wanted)).transpose()?;
    let from = Source::parse(&args.from)?;
    let turn = Turn::take(ctx).await?;
    let graph = graph(ctx)?;
    let mut header = Header::new(new_id(&graph, args.rev_id.as_deref())?, args.message.trim());
    header.parents = parents(&graph, &args.head, args.splice)?;
    header.labels = labels(&graph, args.branch_label)?;
    for word in &args.depends_on {
        let id = graph.resolve_one(word, &[]).map_err(limbeck_migrate::Error::from)?;
        let is_label = graph.get(&id).is_some_and(|revision| revision.header.labels.contains(word));
        header.depends_on.push(if is_label { word.clone() } else { id.to_string() });
    }
    let folder = folder.map_or_else(|| folder_after(ctx, &graph, &header.parents), Ok)?;
    let mut draft = Draft::new(ctx, turn, header, folder)?;
    if args.autogenerate {
        return super::autogenerate::run(ctx, &graph, draft, &from, args.sql).await;
    }
    if args.sql {
        output::script(&draft.text(&[], &[])?);
        return Ok(Answer::Yes);
    }
    let path = draft.write(&[], &[])?;
    written(ctx, &draft.header, &path)
}

/// All revisions; none where their folder isn't there. Git keeps no empty folders, so a fresh clone lacks it
/// until the first revision is written.
fn graph(ctx: &Ctx) -> Result<Graph> {
    let folders = migrations::directories(ctx)?;
    if folders.iter().all(|folder| !folder.exists()) {
        output::say(format!("there is no folder {} yet: a revision makes it", folders[0]));
        return Ok(Graph::load(&[])?);
    }
    migrations::graph(ctx)
}

/// Says which file was written, and gives it to the hooks.
pub(crate) fn written(ctx: &Ctx, header: &Header, path: &Utf8PathBuf) -> Result<Answer> {
    match ctx.format()? {
        crate::context::Format::Human => output::data(format!("wrote {path}")),
        crate::context::Format::Json => {
            output::json(serde_json::json!({ "revision": header.id.as_str(), "file": path }));
        }
    }
    hooks::run(ctx, path)?;
    Ok(Answer::Yes)
}

/// Labels that nothing has yet.
pub(crate) fn labels(graph: &Graph, wanted: Vec<String>) -> Result<Vec<String>> {
    let taken = |label: &String| {
        graph.resolve(label, &[]).is_ok() || label.contains(['@', ':', '+', ',']) || label.is_empty()
    };
    match wanted.iter().find(|label| taken(label)) {
        Some(label) => Err(Failure::usage(format!("{label:?} can't be a label"))
            .note("it names something already, or holds @ : + or a comma")),
        None => Ok(wanted),
    }
}

/// An id that nothing has yet.
pub(crate) fn new_id(graph: &Graph, wanted: Option<&str>) -> Result<RevisionId> {
    let id = match wanted {
        Some(text) => RevisionId::parse(text).map_err(|bad| Failure::usage(bad.to_string()))?,
        None => RevisionId::random()?,
    };
    match graph.get(&id) {
        Some(taken) => {
            Err(Failure::usage(format!("the id {id} is that of {}", taken.path))
                .help("take another `--rev-id`"))
        }
        None => Ok(id),
    }
}

fn parents(graph: &Graph, head: &str, splice: bool) -> Result<Vec<RevisionId>> {
    let ids = match graph.resolve(head, &[]).map_err(limbeck_migrate::Error::from)? {
        Point::Base { .. } => return Ok(Vec::new()),
        Point::At(ids) => ids,
    };
    refuse_branches(graph, &ids, splice)?;
    Ok(ids)
}

/// A revision after one that is no head makes a branch, which has to be meant.
pub(crate) fn refuse_branches(graph: &Graph, parents: &[RevisionId], splice: bool) -> Result<()> {
    match parents.iter().find(|id| !graph.children(id).is_empty()) {
        Some(id) if !splice => {
            Err(Failure::usage(format!("{id} is no head: a revision after it makes a branch"))
                .help("`--splice` does that; `--head head` follows the newest"))
        }
        Some(_) | None => Ok(()),
    }
}

/// The folder of a revision that follows others: theirs; the first, where it begins a line.
pub(crate) fn folder_after(ctx: &Ctx, graph: &Graph, parents: &[RevisionId]) -> Result<Utf8PathBuf> {
    let folders = migrations::directories(ctx)?;
    let parent = parents.iter().find_map(|id| graph.get(id));
    let holds = |folder: &&Utf8PathBuf| {
        parent.is_some_and(|parent| migrations::tidy(parent.path.clone()).starts_with(folder))
    };
    // Of folders within each other, the inner one.
    let nearest = folders.iter().filter(holds).max_by_key(|folder| folder.components().count());
    Ok(nearest.or(folders.first()).cloned().unwrap_or_default())
}

/// A folder that was asked for: one of the configuration's, which is made if it isn't there.
fn version_path(ctx: &Ctx, wanted: Utf8PathBuf) -> Result<Utf8PathBuf> {
    let known = migrations::directories(ctx)?;
    let places = [migrations::tidy(wanted.clone()), migrations::tidy(ctx.config()?.root.join(&wanted))];
    if let Some(folder) = places.into_iter().find(|place| known.contains(place)) {
        fs_err::create_dir_all(&folder)?;
        return Ok(folder);
    }
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    Err(Failure::usage(format!("{wanted} is not under [migrations] directory"))
        .help(format!("it has {}", names.join(", "))))
}
