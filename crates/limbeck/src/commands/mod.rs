//! One file a command: its `Args`, whose comments are its help, and `run`. A command is one line in the
//! list below; `as` adds Alembic's spelling where it is another.

pub(crate) mod autogenerate;
pub(crate) mod listing;
pub(crate) mod migrating;

use clap::Subcommand;

use crate::context::Ctx;
use crate::exit::{Answer, Result};

/// Expands the list to the modules, the enum and its dispatch.
macro_rules! commands {
    ($($Variant:ident in $module:ident $(as $alias:literal)?),+ $(,)?) => {
        $(mod $module;)+

        /// What to do.
        #[derive(Debug, Subcommand)]
        pub(crate) enum Command {
            $(#[doc(hidden)] $(#[command(alias = $alias)])? $Variant($module::Args),)+
        }

        impl Command {
            /// Does it.
            pub(crate) async fn run(self, ctx: &Ctx) -> Result<Answer> {
                match self {
                    $(Command::$Variant(args) => $module::run(ctx, args).await,)+
                }
            }
        }
    };
}

commands! {
    Init in init,
    Pull in pull,
    Revision in revision,
    Check in check,
    Diff in diff,
    Snapshot in snapshot,
    Prove in prove,
    Upgrade in upgrade,
    Downgrade in downgrade,
    Current in current,
    History in history,
    Heads in heads,
    Branches in branches,
    Show in show,
    Merge in merge,
    Stamp in stamp,
    Tag in tag,
    Rebase in rebase,
    Squash in squash,
    Edit in edit,
    EnsureVersion in ensure_version as "ensure_version",
    ListTemplates in list_templates as "list_templates",
    Completions in completions,
    Man in man,
}
