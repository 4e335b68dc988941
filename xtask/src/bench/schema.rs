//! A large database, as applications have them: tables of ten columns that point at each other, with
//! everything that stands around tables.

/// The columns of each table.
pub(super) const COLUMNS: usize = 10;

/// A table in so many shares its schema with them.
const TABLES_IN_A_SCHEMA: usize = 150;

/// A part of a file that becomes another.
pub(super) struct Edit {
    /// The file below the models.
    pub(super) file: String,
    /// Each text in it, and what becomes of it.
    pub(super) replace: Vec<(&'static str, &'static str)>,
}

/// All statements, in messages of a size that a server likes.
pub(super) fn statements(tables: usize) -> Vec<String> {
    let mut messages: Vec<String> = (0..=schema_number(tables - 1)).map(area).collect();
    messages.extend((0..tables).map(table));
    messages.chunks(20).map(<[String]>::concat).collect()
}

/// What a developer changes in the table in the middle: a column comes, another's type changes below a view,
/// and a check lets more through.
pub(super) fn changed(tables: usize) -> Edit {
    // Every fourth table has a view.
    let number = tables / 8 * 4;
    Edit {
        file: format!("{}/{}.yaml", schema(number), name(number)),
        replace: vec![
            ("numeric(12,2)", "numeric(14,2)"),
            ("      note: text\n", "      note: text\n      archived_at: timestamptz\n"),
            ("quantity >= 0", "quantity >= -1"),
        ],
    }
}

fn schema_number(table: usize) -> usize {
    table / TABLES_IN_A_SCHEMA
}

fn schema(table: usize) -> String {
    format!("area_{:02}", schema_number(table))
}

fn name(table: usize) -> String {
    format!("item_{table:05}")
}

/// A schema with what its tables share.
fn area(number: usize) -> String {
    let s = format!("area_{number:02}");
    format!(
        "create schema {s};
comment on schema {s} is 'One of the areas of the business';
create type {s}.state as enum ('new', 'open', 'held', 'done');
create domain {s}.code as varchar(20) check (value <> '');
create function {s}.touch() returns trigger language plpgsql as $$
begin
  new.changed_at := now();
  return new;
end
$$;
create function {s}.label(code text, title text) returns text language sql immutable as $$
  select code || ': ' || title
$$;
comment on function {s}.label(text, text) is 'What lists show';
"
    )
}

fn table(number: usize) -> String {
    let (s, t) = (schema(number), name(number));
    // The first points at itself; all others at one before them, some in another schema.
    let parent = number.saturating_sub(1 + number % 7);
    let parent = format!("{}.{}", schema(parent), name(parent));
    let mut sql = format!(
        "create table {s}.{t} (
  id bigint generated always as identity constraint {t}_pkey primary key,
  code {s}.code not null,
  title text not null default '',
  state {s}.state not null default 'new',
  amount numeric(12,2) not null default 0,
  quantity integer not null default 1,
  parent_id bigint constraint {t}_parent_fkey references {parent} (id) on delete cascade,
  changed_at timestamptz not null default now(),
  payload jsonb not null default '{{}}',
  note text,
  constraint {t}_quantity_check check (quantity >= 0)
);
create unique index {t}_code_idx on {s}.{t} (code, lower(title));
create index {t}_parent_idx on {s}.{t} (parent_id) where state <> 'done';
comment on table {s}.{t} is 'Items of kind {number}';
comment on column {s}.{t}.amount is 'Without tax';
"
    );
    if number.is_multiple_of(2) {
        sql += &format!(
            "create trigger {t}_touch before update on {s}.{t} for each row execute function {s}.touch();\n"
        );
    }
    if number.is_multiple_of(4) {
        sql += &format!(
            "create view {s}.{t}_open as
  select i.id, {s}.label(i.code, i.title) as label, i.amount, p.title as parent
    from {s}.{t} i left join {parent} p on p.id = i.parent_id
   where i.state in ('new', 'open');
grant select on {s}.{t}_open to public;
"
        );
    }
    sql
}
