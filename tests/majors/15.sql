-- What is there from 15 on.
create table attic.newer (
  a integer, b integer, c integer,
  constraint newer_a_key unique nulls not distinct (a, b),
  constraint newer_c_fkey foreign key (b, c) references attic.newer (a, b) on delete set null (c)
);
create unique index newer_c_idx on attic.newer (c) nulls not distinct;
create view attic.invoked with (security_invoker = true) as select a, b from attic.newer;
create unlogged sequence attic.fleeting_numbers;
create table attic.scaled (n numeric(3, -2), m numeric(2, 5));
