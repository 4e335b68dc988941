//! Types of columns, and expressions and values that suit them.

use limbeck_sql::literal;

use crate::statements::qualified;
use crate::thing::{Kind, State, Thing};

/// What can be done with values of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Whole,
    Text,
    Number,
    Truth,
    Day,
    Moment,
    Document,
    Range,
    List,
    Label,
    Own,
    Other,
}

/// A type as SQL has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub(crate) sql: String,
    pub(crate) sort: Sort,
}

const BUILT_IN: &[(&str, Sort)] = &[
    ("integer", Sort::Whole),
    ("text", Sort::Text),
    ("bigint", Sort::Whole),
    ("varchar(20)", Sort::Text),
    ("numeric(10,2)", Sort::Number),
    ("boolean", Sort::Truth),
    ("timestamptz", Sort::Moment),
    ("date", Sort::Day),
    ("jsonb", Sort::Document),
    ("smallint", Sort::Whole),
    ("varchar", Sort::Text),
    ("char(5)", Sort::Text),
    ("numeric", Sort::Number),
    ("double precision", Sort::Number),
    ("real", Sort::Number),
    ("timestamp", Sort::Moment),
    ("timestamptz(3)", Sort::Moment),
    ("time(0)", Sort::Other),
    ("timetz", Sort::Other),
    ("interval day to second(2)", Sort::Other),
    ("interval", Sort::Other),
    ("uuid", Sort::Other),
    ("json", Sort::Document),
    ("bytea", Sort::Other),
    ("inet", Sort::Other),
    ("int4range", Sort::Range),
    ("tstzrange", Sort::Range),
    ("text[]", Sort::List),
    ("integer[]", Sort::List),
    ("varchar(7)[]", Sort::List),
    ("bit(3)", Sort::Other),
    ("bit varying", Sort::Other),
    ("point", Sort::Other),
    ("tsvector", Sort::Other),
    ("\"char\"", Sort::Other),
    ("name", Sort::Text),
    ("oid", Sort::Other),
    ("xml", Sort::Other),
    ("int4multirange", Sort::Other),
];

/// The type that a gene of a thing chooses: built in, or one of the state's own.
pub(crate) fn chosen(state: &State, thing: &Thing, gene: usize) -> Type {
    if thing.has(gene, 4)
        && let Some(own) = own(state, thing, gene)
    {
        return own;
    }
    // The first are the common ones.
    let few = if thing.has(gene, 3) { BUILT_IN } else { &BUILT_IN[..10] };
    let (sql, sort) = thing.pick(gene, few);
    Type { sql: sql.to_owned(), sort }
}

fn own(state: &State, thing: &Thing, gene: usize) -> Option<Type> {
    let kinds = [Kind::Enum, Kind::Domain, Kind::Enum, Kind::Composite, Kind::Domain];
    let kind = thing.pick(gene, &kinds);
    let found = thing.other(gene, &state.of(kind))?;
    let sort = match kind {
        Kind::Enum => Sort::Label,
        Kind::Domain => chosen_base(found).sort,
        _ => Sort::Own,
    };
    let sql = qualified(state, found);
    // An array of it, or itself.
    Some(if thing.choice(gene, 7) == 0 {
        Type { sql: format!("{sql}[]"), sort: Sort::List }
    } else {
        Type { sql, sort }
    })
}

/// What a domain is over.
pub(crate) fn chosen_base(domain: &Thing) -> Type {
    let (sql, sort) = domain
        .pick(1, &[BUILT_IN[0], BUILT_IN[1], BUILT_IN[3], BUILT_IN[4], BUILT_IN[2], ("text[]", Sort::List)]);
    Type { sql: sql.to_owned(), sort }
}

impl Type {
    /// A value that is the same for the same number, so that foreign keys find what they point at.
    pub(crate) fn value(&self, number: u32) -> String {
        match self.sort {
            Sort::Whole | Sort::Number => number.to_string(),
            Sort::Text => literal(&format!("v{number}")),
            Sort::Truth => (number % 2 == 1).to_string(),
            Sort::Day => format!("'2024-01-{:02}'", number % 28 + 1),
            Sort::Moment => format!("'2024-03-{:02} 12:30:00'", number % 28 + 1),
            Sort::Document => format!("'{{\"a\": {number}}}'"),
            Sort::Range if self.sql == "int4range" => format!("'[{number}0,{number}5)'"),
            Sort::List => format!("'{{{number}}}'"),
            Sort::Label => literal(crate::statements::LABELS[number as usize % 2]),
            Sort::Own => format!("row({number}, null)"),
            Sort::Range | Sort::Other => "null".to_owned(),
        }
    }

    /// A constant for a default, in one of the forms that people write.
    pub(crate) fn constant(&self, form: u32) -> String {
        let forms: &[&str] = match self.sort {
            Sort::Whole => &["0", "-1", "(1 + 2)", "'7'", "'7'::text::integer"],
            Sort::Text => {
                &["''", "'it''s'", "'a\\b'", "E'line\\nbreak'", "upper('x')", "current_user", "'%s'", "NULL"]
            }
            Sort::Number => &["0", "1.50", "-0.5", "random()", "'1e3'"],
            Sort::Truth => &["true", "false", "not false", "1 = 1"],
            Sort::Day => &["current_date", "'2024-02-29'", "'infinity'", "now()"],
            Sort::Moment => {
                &["now()", "CURRENT_TIMESTAMP", "'2024-01-01 00:00'", "timezone('utc', now())", "'-infinity'"]
            }
            Sort::Document => &["'{}'", "'[1, 2]'", "'{\"a\": \"it''s\"}'", "json_build_object('a', 1)"],
            Sort::Range => &["'empty'", "'(,)'"],
            Sort::List => {
                &["'{}'", "array[]::text[]", "array['1', '2']", "'{1,2}'", "string_to_array('1', ',')"]
            }
            Sort::Label => &["'s'", "'m'", "'x y'"],
            Sort::Own => &["null", "row(1, null)", "'(1,)'"],
            Sort::Other => {
                &["null", "gen_random_uuid()", "'1 day'", "'\\x00'", "B'101'", "'10.0.0.1'", "'12:00'"]
            }
        };
        forms[form as usize % forms.len()].to_owned()
    }

    /// A condition on a value.
    pub(crate) fn condition(&self, value: &str, form: u32) -> String {
        let forms: &[&str] = match self.sort {
            Sort::Whole | Sort::Number => &[
                "§ > 0",
                "§ >= 0 and § < 1000",
                "§ between 0 and 99",
                "§ in (1, 2, 3)",
                "§ is distinct from 5",
                "not (§ = 7)",
                "§::text <> ''",
                "case when § > 3 then true else § < 9 end",
                "§ = any (array[1, 2])",
            ],
            Sort::Text => &[
                "§ <> ''",
                "length(§) < 30",
                "§ in ('v1', 'v2')",
                "§ like 'v%'",
                "§ ~ '^v[0-9]+$'",
                "lower(§) = §",
                "§ is not null",
                "§ !~~ 'x%' or § is null",
                "coalesce(§, '') <> 'x'",
                "§ collate \"C\" < 'zz'",
                "char_length(trim(§)) > 0",
            ],
            Sort::Truth => &["§", "not §", "§ is not false"],
            Sort::Day | Sort::Moment => {
                &["§ > '2000-01-01'", "§ < '2100-01-01' and § is not null", "extract(year from §) > 1999"]
            }
            Sort::Document => &["§ is not null", "§ ->> 'a' <> ''"],
            Sort::Range => &["not isempty(§)", "lower(§) is not null"],
            Sort::List => &["cardinality(§) < 9", "§ <> '{}'", "'1' = any (§)"],
            Sort::Label => {
                &["§ in ('s', 'm')", "§ <> 'x y'", "§::text <> 'q'", "§ = 's' or § is not null", "§ > 's'"]
            }
            Sort::Own | Sort::Other => &["§ is not null", "§ is distinct from null"],
        };
        forms[form as usize % forms.len()].replace('§', value)
    }

    /// Another value made of one.
    pub(crate) fn expression(&self, value: &str, form: u32) -> String {
        let forms: &[&str] = match self.sort {
            Sort::Whole | Sort::Number => &["§ * 2", "§ + 1", "abs(§)", "(§ % 3)", "-§"],
            Sort::Text => {
                &["lower(§)", "upper(§) || '!'", "left(§, 2)", "coalesce(§, 'none')", "md5(§)", "trim(§)"]
            }
            Sort::Truth => &["not §", "(§ is null)"],
            Sort::Day | Sort::Moment => {
                &["date_trunc('day', §)", "§ + interval '1 day'", "extract(dow from §)"]
            }
            Sort::Document => &["(§ ->> 'a')", "(§ -> 'b' ->> 'c')"],
            Sort::Range => &["lower(§)", "isempty(§)"],
            Sort::List => &["cardinality(§)", "(§)[1]"],
            Sort::Label => {
                &["(§)::text", "coalesce(§, 's')", "case § when 's' then 1 else 2 end", "(§ = 'm')"]
            }
            Sort::Own => &["(§).a", "(§ is null)"],
            Sort::Other => &["(§ is null)", "(§)::text"],
        };
        forms[form as usize % forms.len()].replace('§', value)
    }
}
