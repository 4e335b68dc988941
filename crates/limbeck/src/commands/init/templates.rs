//! What `init --template` knows: the first configuration of a project, and files beside it.

use crate::exit::{Failure, Result};

/// One way to begin.
#[derive(Debug)]
pub(crate) struct Template {
    /// Its name.
    pub(crate) name: &'static str,
    /// A line about it.
    pub(crate) about: &'static str,
    /// Files beside the configuration, by their paths.
    pub(super) files: &'static [(&'static str, &'static str)],
    migrations: &'static str,
    databases: &'static str,
}

/// All of them; `default` first.
pub(crate) const TEMPLATES: [Template; 3] = [
    Template {
        name: "default",
        about: "models/, migrations/ and one database",
        files: &[],
        migrations: "",
        databases: ONE_DATABASE,
    },
    Template {
        name: "environments",
        about: "the same, with databases of development, staging and production by name",
        files: &[],
        migrations: "",
        databases: ENVIRONMENTS,
    },
    Template {
        name: "reviewed",
        about: "the same, with a template for revisions, a hook after each, and candidates that must be proven",
        files: &[("revision.template", REVISION)],
        migrations: REVIEWED,
        databases: ONE_DATABASE_PROVEN,
    },
];

/// The template of a name. Alembic's `generic` is the default one.
///
/// # Errors
/// If there is none.
pub(super) fn find(name: &str) -> Result<&'static Template> {
    let name = if name == "generic" { "default" } else { name };
    let found = TEMPLATES.iter().find(|template| template.name == name);
    found.ok_or_else(|| {
        Failure::usage(format!("no template {name:?}")).help("`limbeck list-templates` lists them")
    })
}

impl Template {
    /// The text of `limbeck.toml`.
    pub(super) fn config(&self) -> String {
        format!("{BEGINNING}{}\n{}", self.migrations, self.databases)
    }
}

const BEGINNING: &str = r#"# limbeck: Postgres migrations out of models. Every key has a default; these are the usual ones.

[models]
directory = "models"

[migrations]
directory = "migrations"
version_schema = "public"
# timezone = "UTC"
# lock_timeout = "5s"                 # give up waiting for a lock, and begin the revision again later
# transaction_per_migration = true
"#;

const ONE_DATABASE: &str = r#"# The database: `-d URL` and DATABASE_URL go before this. `${NAME}` comes from the environment or .env.
# [database]
# url = "${DATABASE_URL}"

# [env.prod]                          # `limbeck -e prod …`
# user = "deploy"
# password = "${PROD_PASSWORD}"
# dbname = "app"
# tunnel = "kubectl port-forward svc/db {port}:5432"     # or host = "…", port = …
"#;

const ENVIRONMENTS: &str = r#"# The database of development: `-d URL` and DATABASE_URL go before this. `${NAME}` comes from the
# environment or from .env.
[database]
host = "${DB_HOST:-localhost}"
port = "${DB_PORT:-5432}"
user = "${DB_USER:-postgres}"
password = "${DB_PASSWORD:-}"
dbname = "${DB_NAME:-app}"

[env.staging]                         # `limbeck -e staging …`
url = "${STAGING_DATABASE_URL}"

[env.prod]                            # `limbeck -e prod …`
url = "${PROD_DATABASE_URL}"
"#;

const REVIEWED: &str = r#"template = "revision.template"        # what an empty revision looks like

# What is run after a revision was written; `{file}` is its path.
# [[migrations.hooks]]
# name = "format"
# command = "pg_format --inplace {file}"
"#;

const ONE_DATABASE_PROVEN: &str = r#"[safety]
require_proof = true                  # a candidate that is not proven is not written

# The database: `-d URL` and DATABASE_URL go before this. `${NAME}` comes from the environment or .env.
# [database]
# url = "${DATABASE_URL}"
"#;

const REVISION: &str = "\
${header}

-- for ticket ${x.ticket:-(none)}

${upgrade}

${downgrade}
";
