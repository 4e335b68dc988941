select '2618:' || r.oid || ':0' as addresses,
  array[c.nspname, c.relname, r.rulename] as path,
  pg_catalog.pg_get_ruledef(r.oid) as definition,
  case r.ev_enabled when 'O' then 'origin' when 'R' then 'replica' when 'A' then 'always' else 'disabled' end
    as enabled
from pg_catalog.pg_rewrite r
join :relations c on c.oid = r.ev_class
where r.rulename <> '_RETURN' and not pg_catalog.starts_with(r.rulename, 'limbeck_')
