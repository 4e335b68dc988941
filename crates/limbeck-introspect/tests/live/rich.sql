-- Something of every kind, on any server from 15 on, without extensions that may be missing.
create schema attic;
create type attic.size as enum ('s', 'l', 'it''s "xl"');
create type attic.pair as (a integer, b text);
create domain attic.weight as numeric default 1 constraint weight_positive check (value > 0);
create sequence attic.numbers start 7 increment 3;
create function attic.f(n integer) returns integer language sql immutable as 'select $1';
create function attic.atomic() returns bigint language sql begin atomic select count(*) from pg_class; end;
create procedure attic.p(integer) language sql as 'select 1';
create aggregate attic.total(integer) (sfunc = int4pl, stype = integer, initcond = '0');
create function attic.t() returns trigger language plpgsql as $$begin return new; end$$;
create table attic.boxes (
  id serial primary key, label text not null default 'none' unique, n integer, during int4range,
  doubled integer generated always as (n * 2) stored, w attic.weight[], s attic.size, pair attic.pair,
  constraint boxes_n_check check (attic.f(n) > 0), constraint boxes_excl exclude using gist (during with &&)
) with (fillfactor = 70);
create table attic.lids (
  id bigint generated always as identity (start 5) primary key, box_id integer,
  constraint lids_box_id_fkey foreign key (box_id) references attic.boxes (id) on delete cascade deferrable);
create index boxes_n_idx on attic.boxes (n desc, lower(label)) include (id) where n > 0;
alter table attic.boxes cluster on boxes_pkey;
alter table attic.boxes replica identity full;
alter table attic.boxes enable row level security;
create statistics attic.boxes_stat (dependencies) on n, label from attic.boxes;
create view attic.labels as select id, label, attic.f(n) as n from attic.boxes;
create view attic.of_labels as select label from attic.labels;
create materialized view attic.counts as select n, count(*) as many from attic.boxes group by n;
create unique index counts_n on attic.counts (n);
create rule quiet as on delete to attic.boxes do instead nothing;
create trigger touched before update of n on attic.boxes for each row when (new.n > 0) execute function attic.t();
create policy few on attic.boxes using (n < 5);
comment on table attic.boxes is 'What stands in it';
comment on column attic.labels.label is 'Of a view';
comment on constraint weight_positive on domain attic.weight is 'Of a domain';
grant select on attic.labels to public;
-- What isn't compared.
create type attic.span as range (subtype = numeric);
create table attic.events (at date not null, span attic.span) partition by range (at);
create table attic.events_2024 partition of attic.events for values from ('2024-01-01') to ('2025-01-01');
create type attic.label as (text text, lang text);
create table attic.tags of attic.label;
create view attic.spans as select span from attic.events;
-- Only where it can be had.
do $$begin create extension if not exists pg_trgm; exception when others then null; end$$;
