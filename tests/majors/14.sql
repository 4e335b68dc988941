-- Something of all that servers of different majors could spell differently; on any from 14 on.
create schema attic;
create type attic.size as enum ('s', 'l', 'it''s "xl"');
create type attic.pair as (a integer, b text);
create domain attic.weight as numeric(8, 2) default 1 not null constraint weight_positive check (value > 0);
create domain attic.code as varchar(12) check (value ~ '^[a-z]+$' and value not in ('none', 'null'));
create sequence attic.numbers start 7 increment 3 maxvalue 9000 cycle;
create function attic.f(n integer, m integer default 2) returns integer language sql immutable parallel safe
  as 'select $1 * $2';
create function attic.inside(low integer, high integer) returns setof integer language sql
  begin atomic select g from generate_series(low, high) g where g between 1 and 9 order by g desc; end;
create procedure attic.p(integer, inout text) language plpgsql as $$begin null; end$$;
create aggregate attic.total(integer) (sfunc = int4pl, stype = integer, initcond = '0');
create function attic.t() returns trigger language plpgsql as $$begin return new; end$$;

create table attic.boxes (
  id serial primary key,
  label text collate "C" not null default 'none' constraint boxes_label_key unique,
  kind varchar(10) default 'a'::varchar check (kind in ('a', 'b', 'c')),
  n integer constraint n_is_small check (n between 0 and 100 or n is null),
  made timestamptz not null default now(),
  day date default current_date,
  wait interval default '1 day 02:00:00',
  big bigint default 9223372036854775807,
  ratio double precision default 0.1,
  bits bit varying(5) default B'101',
  during int4range,
  many int4multirange,
  doubled integer generated always as (n * 2) stored,
  w attic.weight[],
  c attic.code,
  s attic.size default 's',
  pair attic.pair default row(1, 'x')::attic.pair,
  doc jsonb not null default '{"a": [1, 2]}',
  tags text[] compression pglz default '{}'::text[],
  constraint boxes_excl exclude using gist (during with &&) where (n > 0)
) with (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false);
alter table attic.boxes alter column label set statistics 50, alter column doc set storage external;
alter table attic.boxes alter column n set (n_distinct = -0.5);
create table attic.lids (
  id bigint generated always as identity (start 5 increment 2),
  box_id integer, other integer, note text,
  primary key (id) include (note),
  constraint lids_box_id_fkey foreign key (box_id) references attic.boxes (id)
    on update cascade on delete set null deferrable initially deferred,
  unique (box_id, other) deferrable
);
alter table attic.lids add constraint lids_other_check check (other <> all (array[1, 2])) not valid;
create unlogged table attic.fleeting (a integer not null, b text not null);

create index boxes_n_idx on attic.boxes (n desc nulls last, lower(label)) include (id) where n > 0;
create index boxes_doc_idx on attic.boxes using gin (doc jsonb_path_ops) with (fastupdate = off);
create index boxes_made_idx on attic.boxes using brin (made timestamptz_minmax_multi_ops);
create index boxes_label_idx on attic.boxes (label collate "C" text_pattern_ops);
create index boxes_expr_idx on attic.boxes ((coalesce(n, 0) + 1), (label || kind));
create statistics attic.boxes_stat (dependencies, mcv) on n, kind from attic.boxes;
create statistics attic.boxes_expr_stat on (n % 10), (lower(label)) from attic.boxes;
alter table attic.boxes cluster on boxes_pkey;
alter table attic.boxes replica identity using index boxes_label_key;
alter table attic.boxes enable row level security;

create view attic.labels as select id, label, attic.f(n) as n, extract(year from made) as year from attic.boxes;
create view attic.plain as select * from attic.boxes where label like 'a%' and kind = any (array['a', 'b']);
create view attic.joined with (security_barrier) as
  select b.id, b.label, l.note, count(*) over (partition by b.kind order by b.id) as place,
    case when b.n > 1 then 'many' else 'few' end as many, substring(b.label from 1 for 3) as short,
    b.made at time zone 'UTC' as utc, coalesce(l.note, 'none') as noted, (b.pair).a as first
  from attic.boxes b left join attic.lids l on l.box_id = b.id and l.other in (1, 2, 3)
  where exists (select from attic.lids x where x.id = b.id) or b.doc @> '{"a": 1}';
create view attic.unions as
  with recursive t(n) as (values (1) union all select n + 1 from t where n < 5)
  select n from t union select id from attic.boxes order by 1 limit 10;
create view attic.grouped as
  select kind, s, sum(n) filter (where n > 0) as total, string_agg(label, ',' order by label) as labels
  from attic.boxes group by grouping sets ((kind, s), ()) having count(*) > 1;
create view attic.using_join as select id, boxes.label, lids.note from attic.boxes join attic.lids using (id);
create view attic.laterals as
  select b.id, g.v, p from attic.boxes b
  cross join lateral (select unnest(b.tags) as v) g cross join lateral position('a' in b.label) p;
create view attic.editable as select id, label from attic.boxes where n > 0 with local check option;
alter view attic.editable alter column label set default 'new';
create materialized view attic.counts as select n, count(*) as many from attic.boxes group by n;
create unique index counts_n on attic.counts (n);
create rule quiet as on delete to attic.boxes where old.n > 5 do instead nothing;
create rule loud as on update to attic.lids do also insert into attic.fleeting values (new.other, new.note);
create trigger touched before update of n on attic.boxes
  for each row when (old.n is distinct from new.n) execute function attic.t('a', '1');
create trigger listed after insert on attic.lids referencing new table as news
  for each statement execute function attic.t();
create constraint trigger checked after update on attic.lids deferrable for each row execute function attic.t();
create policy few on attic.boxes as restrictive for select using (n < 5 and label <> current_user);
comment on table attic.boxes is 'What stands in it';
comment on column attic.labels.label is 'Of a view';
comment on constraint weight_positive on domain attic.weight is 'Of a domain';
comment on function attic.f(integer, integer) is 'Of a function';
