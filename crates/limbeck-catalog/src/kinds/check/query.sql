select '2606:' || k.oid || ':0' as addresses,
  array[c.nspname, c.relname, k.conname] as path,
  pg_catalog.pg_get_expr(k.conbin, k.conrelid) as expression,
  k.connoinherit as no_inherit,
  not k.convalidated as not_valid
from pg_catalog.pg_constraint k
join :relations c on c.oid = k.conrelid
where k.contype = 'c'
