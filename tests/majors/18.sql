-- What is there from 18 on.
create table attic.newest (
  a integer constraint a_is_there not null,
  b integer generated always as (a + 1) virtual,
  c integer not null no inherit,
  d integer,
  constraint newest_check check (d > 0) not enforced,
  constraint newest_fkey foreign key (d) references attic.boxes (id) not enforced
);
alter table attic.newest add constraint d_is_there not null d not valid;
create table attic.stays (
  room int4range, during daterange, constraint stays_pkey primary key (room, during without overlaps)
);
create table attic.meals (
  room int4range, day daterange,
  constraint meals_key unique (room, day without overlaps),
  constraint meals_fkey foreign key (room, period day) references attic.stays (room, period during)
);
