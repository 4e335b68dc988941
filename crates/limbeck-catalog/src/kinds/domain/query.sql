select '1247:' || t.oid || ':0 1247:' || t.typarray || ':0' || coalesce(k.addresses, '') as addresses,
  array[n.nspname, t.typname] as path,
  pg_catalog.format_type(t.typbasetype, t.typtypmod) as type,
  case when o.oid is not null then quote_ident(s.nspname) || '.' || quote_ident(o.collname) end as "collation",
  coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 0), t.typdefault) as "default",
  t.typnotnull as not_null
from pg_catalog.pg_type t
join :user_schemas n on n.oid = t.typnamespace
join pg_catalog.pg_type b on b.oid = t.typbasetype
left join pg_catalog.pg_collation o on o.oid = t.typcollation and t.typcollation <> b.typcollation
left join pg_catalog.pg_namespace s on s.oid = o.collnamespace
-- From 17 on, a domain's not null has a row of its own.
left join (select k.contypid, string_agg(' 2606:' || k.oid || ':0', '') as addresses
  from pg_catalog.pg_constraint k where k.contypid <> 0 and k.contype = 'n' group by k.contypid) k
  on k.contypid = t.oid
where t.typtype = 'd' and not pg_catalog.starts_with(t.typname, 'limbeck_')
  and (1247::oid, t.oid) not in (select m.classid, m.objid from :extension_members m)
