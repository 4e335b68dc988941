//! `create function`.

use super::Function;
use crate::ObjectId;
use crate::kinds::routine::{self, Body, Parallel, Volatility};

impl Function {
    /// `create function …` or `create or replace function …`: the signature, one line of attributes, a
    /// line for each setting, the body.
    pub(super) fn statement(&self, id: &ObjectId, create: &str) -> String {
        let arguments = routine::arguments_of(self.arguments.as_ref(), id);
        let body = Body {
            language: &self.language,
            string: self.body.as_ref(),
            sql: self.sql_body.as_ref(),
            library: self.library.as_ref(),
        };
        let head = format!("{create} function {}({arguments}) returns {}", id.qualified(), self.returns);
        [head, self.attributes().join(" ")]
            .into_iter()
            .chain(self.set.clauses())
            .chain([body.clause()])
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// What is not as if it had not been said.
    fn attributes(&self) -> Vec<String> {
        let flag = |on: bool, word: &str| on.then(|| word.to_owned());
        let transforms =
            self.transforms.iter().map(|t| format!("for type {t}")).collect::<Vec<_>>().join(", ");
        [
            Some(format!("language {}", limbeck_sql::ident(&self.language))),
            (!self.transforms.is_empty()).then(|| format!("transform {transforms}")),
            flag(self.window, "window"),
            flag(self.volatility != Volatility::Volatile, self.volatility.word()),
            flag(self.strict, "strict"),
            flag(self.security_definer, "security definer"),
            flag(self.leakproof, "leakproof"),
            flag(self.parallel != Parallel::Unsafe, self.parallel.word()),
            self.cost.map(|cost| format!("cost {cost}")),
            self.rows.map(|rows| format!("rows {rows}")),
            self.support.as_ref().map(|support| format!("support {support}")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn says_what_is_not_default() {
        let id = ObjectId::new(Kind::Function, ["s", "f", "integer"]);
        let mut function = Function {
            arguments: Some("a integer".to_owned()),
            returns: "integer".to_owned(),
            language: "sql".to_owned(),
            body: Some("select $1".to_owned()),
            ..Function::default()
        };
        assert_eq!(
            function.statement(&id, "create"),
            "create function s.f(a integer) returns integer\nlanguage sql\nas $$select $1$$"
        );
        function = Function {
            volatility: Volatility::Stable,
            parallel: Parallel::Safe,
            cost: Some(5.0),
            set: serde_json::from_str(r#"{"search_path": "s, public"}"#).expect("a map"),
            body: None,
            sql_body: Some("RETURN (a + 2)".to_owned()),
            ..function
        };
        assert_eq!(
            function.statement(&id, "create"),
            "create function s.f(a integer) returns integer\nlanguage sql stable parallel safe cost 5\n\
             set search_path to s, public\nRETURN (a + 2)"
        );
    }
}
