select '2606:' || k.oid || ':0' as addresses,
  array[n.nspname, t.typname, k.conname] as path,
  pg_catalog.pg_get_expr(k.conbin, 0) as expression,
  not k.convalidated as not_valid
from pg_catalog.pg_constraint k
join pg_catalog.pg_type t on t.oid = k.contypid
join :user_schemas n on n.oid = t.typnamespace
where k.contypid <> 0 and k.contype = 'c' and not pg_catalog.starts_with(t.typname, 'limbeck_')
  and (1247::oid, t.oid) not in (select m.classid, m.objid from :extension_members m)
