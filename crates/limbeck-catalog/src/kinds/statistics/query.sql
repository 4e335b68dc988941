select '3381:' || e.oid || ':0' as addresses,
  array[c.nspname, c.relname, e.stxname] as path,
  case when e.stxnamespace <> c.relnamespace then n.nspname end as "schema",
  pg_catalog.pg_get_statisticsobjdef_columns(e.oid) as "on",
  (select array_agg(case k when 'd' then 'ndistinct' when 'f' then 'dependencies' else 'mcv' end order by k)
    from unnest(e.stxkind) k
    where k <> 'e' and not e.stxkind @> array['d', 'f', 'm']::"char"[]) as kinds,
  nullif(e.stxstattarget, -1) as statistics_target
from pg_catalog.pg_statistic_ext e
join :relations c on c.oid = e.stxrelid
join pg_catalog.pg_namespace n on n.oid = e.stxnamespace
where c.relkind in ('r', 'm') and not pg_catalog.starts_with(e.stxname, 'limbeck_')
  and not exists (select from :extension_members x where x.classid = 3381 and x.objid = e.oid)
