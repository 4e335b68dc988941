-- limbeck:revision 77ab01c2d3e4
-- parents: 3f2c9a1b7d40
-- message: find members by email
-- created: 2026-11-21 10:02:44 UTC

-- limbeck:upgrade no-transaction
create index concurrently members_email_idx on public.members (email);

-- limbeck:downgrade no-transaction
drop index concurrently public.members_email_idx;
