-- Servers before 18 look up `conenforced` in `own` in vain, and find it in `before_18`.
select '2606:' || k.oid || ':0' as addresses,
  array[c.nspname, c.relname, k.conname] as path,
  pg_catalog.pg_get_expr(k.conbin, k.conrelid) as expression,
  k.connoinherit as no_inherit,
  not k.convalidated and (select conenforced from (select k.*) own) as not_valid,
  not (select conenforced from (select k.*) own) as not_enforced
from pg_catalog.pg_constraint k
join :relations c on c.oid = k.conrelid
cross join (select true as conenforced) before_18
where k.contype = 'c'
