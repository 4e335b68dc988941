-- limbeck:revision 3f2c9a1b7d40
-- parents: 9c1d00aa71b2
-- message: add members email
-- labels: members
-- depends-on: 77ab01c2d3e4
-- tags: v1.4
-- proof: upgrade reaches the models

-- limbeck:upgrade
-- limbeck:hazard LOCK_STRONG blocks
alter table public.members add column email text;

-- limbeck:upgrade no-transaction lock_timeout=5s search_path='a, b'
create index concurrently members_email_idx on public.members (email);

-- limbeck:downgrade
create function f() returns text language sql as $f$ select '
-- limbeck:upgrade
' $f$;
=====
-- limbeck:revision 9c1d00aa71b2

-- limbeck:upgrade
create function g() returns int begin atomic select 1; select 2; end;
-- limbeck:downgrade
select E'a\'b' /* c /* d */ */;
=====
-- limbeck:revision 77ab01c2d3e4
-- limbeck:upgrade
select 1;
