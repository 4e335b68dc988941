select '3256:' || p.oid || ':0' as addresses,
  array[c.nspname, c.relname, p.polname] as path,
  case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
    else 'all' end as "for",
  not p.polpermissive as restrictive,
  (select array_agg(case r when 0 then 'public' else pg_catalog.pg_get_userbyid(r) end)
    from unnest(p.polroles) r) as "to",
  pg_catalog.pg_get_expr(p.polqual, p.polrelid) as "using",
  pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as with_check
from pg_catalog.pg_policy p
join :relations c on c.oid = p.polrelid
where not pg_catalog.starts_with(p.polname, 'limbeck_')
