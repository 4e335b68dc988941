//! `limbeck.toml` out of an environment. A password never goes into it.

use crate::environment::Environment;

/// The variable that stands for a password.
const PASSWORD: &str = "${DB_PASSWORD}";

/// The configuration's text, and what there is to say about it.
pub(crate) fn render(environment: &Environment, directories: &[String]) -> (String, Vec<String>) {
    let mut remarks = Vec::new();
    let mut out =
        format!("# Taken over from Alembic ({}).\n\n", environment.config.file_name().unwrap_or_default());
    out.push_str("[models]\ndirectory = \"models\"\n\n[migrations]\n");
    match directories {
        [one] => out.push_str(&format!("directory = {}\n", quoted(one))),
        several => {
            let several: Vec<String> = several.iter().map(|one| quoted(one)).collect();
            out.push_str(&format!("directory = [{}]\n", several.join(", ")));
        }
    }
    let template = environment.file_template.as_deref().unwrap_or("%(rev)s_%(slug)s");
    out.push_str(&format!("file_template = {}\n", quoted(template)));
    if let Some(zone) = &environment.timezone {
        out.push_str(&format!("timezone = {}\n", quoted(zone)));
    }
    if let Some(length) = environment.truncate_slug.as_ref().filter(|n| n.parse::<usize>().is_ok()) {
        out.push_str(&format!("truncate_slug = {length}\n"));
    }
    out.push_str("version_schema = \"public\"\n");
    let schema = environment.version_schema.as_deref().unwrap_or("public");
    let table = quoted(&format!("{schema}.{}", environment.version_table));
    out.push_str(&format!(
        "alembic_version = {table}   # read once, where limbeck has not run yet; never written\n"
    ));
    if !environment.hooks.is_empty() {
        out.push_str(
            "\n# Alembic's post-write hooks. They formatted Python, and there is none here any more:\n",
        );
        environment
            .hooks
            .iter()
            .flat_map(|hook| hook.lines())
            .for_each(|line| out.push_str(&format!("# {line}\n")));
    }
    out.push('\n');
    out.push_str(&database(environment.url.as_deref(), &mut remarks));
    (out, remarks)
}

fn database(url: Option<&str>, remarks: &mut Vec<String>) -> String {
    let none = "# The database: `-d URL` and DATABASE_URL go before this.\n# [database]\n# url = \"${DATABASE_URL}\"\n";
    let Some(url) = url else { return none.to_owned() };
    let Some((scheme, rest)) = url.split_once("://") else { return none.to_owned() };
    let dialect = scheme.split('+').next().unwrap_or_default();
    if !matches!(dialect, "postgresql" | "postgres") || rest.contains("%(") {
        // What `alembic init` writes, another database, or something that only `env.py` fills in.
        return none.to_owned();
    }
    let (shown, hidden) = without_password(rest);
    if hidden {
        remarks.push(format!(
            "the password of sqlalchemy.url was left out: set {} to it",
            &PASSWORD[2..PASSWORD.len() - 1]
        ));
    }
    format!("[database]\nurl = {}\n", quoted(&format!("postgresql://{shown}")))
}

/// What follows a URL's `://`, with a variable for the password, wherever it stands.
fn without_password(rest: &str) -> (String, bool) {
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let (login, host) = place.rsplit_once('@').map_or((None, place), |(login, host)| (Some(login), host));
    let mut hidden = false;
    let mut hide = |text: &str, separator: char| match text.split_once(separator) {
        Some((name, password)) if !password.is_empty() => {
            hidden = true;
            format!("{name}{separator}{PASSWORD}")
        }
        _ => text.to_owned(),
    };
    let login = login.map(|login| format!("{}@", hide(login, ':'))).unwrap_or_default();
    let parameter = |pair: &str, hide: &mut dyn FnMut(&str, char) -> String| {
        if pair.starts_with("password=") || pair.starts_with("sslpassword=") {
            hide(pair, '=')
        } else {
            pair.to_owned()
        }
    };
    let query: Option<Vec<String>> =
        query.map(|query| query.split('&').map(|pair| parameter(pair, &mut hide)).collect());
    let query = query.map(|pairs| format!("?{}", pairs.join("&"))).unwrap_or_default();
    (format!("{login}{host}{query}"), hidden)
}

/// A text as TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_written() {
        let mut remarks = Vec::new();
        let text = database(
            Some("postgresql+psycopg2://app:s3c@ret@db:5433/shop?password=s3cret&sslmode=require"),
            &mut remarks,
        );
        assert_eq!(
            text,
            "[database]\nurl = \"postgresql://app:${DB_PASSWORD}@db:5433/shop?password=${DB_PASSWORD}&sslmode=require\"\n"
        );
        assert_eq!(remarks.len(), 1);
        assert!(
            database(Some("driver://user:pass@localhost/dbname"), &mut remarks).starts_with("# The database")
        );
        assert!(database(Some("postgresql:///shop"), &mut remarks).contains("postgresql:///shop"));
    }
}
