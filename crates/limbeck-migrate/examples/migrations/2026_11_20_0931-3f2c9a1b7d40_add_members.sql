-- limbeck:revision 3f2c9a1b7d40
-- message: add members
-- created: 2026-11-20 09:31:07 UTC

-- limbeck:upgrade
create table public.members (
  id bigint generated always as identity primary key,
  email text not null
);

-- limbeck:downgrade
drop table public.members;
