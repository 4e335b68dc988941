-- An array of names and a text is name[], which cuts long lists of types at 63 bytes: hence the cast.
select '1255:' || p.oid || ':0' as addresses,
  array[n.nspname::text, p.proname, pg_catalog.oidvectortypes(p.proargtypes)] as path,
  pg_catalog.pg_get_function_arguments(p.oid) as arguments,
  l.lanname as language,
  (select array_agg(pg_catalog.format_type(t, null)) from unnest(p.protrftypes) t) as transforms,
  p.prosecdef as security_definer,
  p.proconfig as "set",
  p.probin as library,
  case when p.prosqlbody is null then p.prosrc end as body,
  case when p.prosqlbody is not null then pg_catalog.pg_get_function_sqlbody(p.oid) end as sql_body
from pg_catalog.pg_proc p
join :user_schemas n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where p.prokind = 'p' and not pg_catalog.starts_with(p.proname, 'limbeck_')
  and not exists (select from pg_catalog.pg_depend e
    where e.classid = 1255 and e.objid = p.oid and e.deptype in ('e', 'i'))
