-- An array of names and a text is name[], which cuts long lists of types at 63 bytes: hence the cast.
-- The functions that a range type makes for itself depend on it internally, and come and go with it.
select '1255:' || p.oid || ':0' as addresses,
  array[n.nspname::text, p.proname, pg_catalog.oidvectortypes(p.proargtypes)] as path,
  pg_catalog.pg_get_function_arguments(p.oid) as arguments,
  pg_catalog.pg_get_function_result(p.oid) as returns,
  l.lanname as language,
  (select array_agg(pg_catalog.format_type(t, null)) from unnest(p.protrftypes) t) as transforms,
  p.prokind = 'w' as "window",
  case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end as volatility,
  p.proisstrict as strict,
  p.prosecdef as security_definer,
  p.proleakproof as leakproof,
  case p.proparallel when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end as parallel,
  nullif(p.procost, case when l.lanname in ('internal', 'c') then 1 else 100 end) as cost,
  case when p.proretset then nullif(p.prorows, 1000) end as "rows",
  nullif(p.prosupport::pg_catalog.regproc::text, '-') as support,
  p.proconfig as "set",
  p.probin as library,
  case when p.prosqlbody is null then p.prosrc end as body,
  case when p.prosqlbody is not null then pg_catalog.pg_get_function_sqlbody(p.oid) end as sql_body
from pg_catalog.pg_proc p
join :user_schemas n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where p.prokind in ('f', 'w') and not pg_catalog.starts_with(p.proname, 'limbeck_')
  and not exists (select from pg_catalog.pg_depend e
    where e.classid = 1255 and e.objid = p.oid and e.deptype in ('e', 'i'))
