-- A constraint trigger has an entry among the constraints, too, and depends on it.
select '2620:' || g.oid || ':0'
    || case when g.tgconstraint <> 0 then ' 2606:' || g.tgconstraint || ':0' else '' end as addresses,
  array[c.nspname, c.relname, g.tgname] as path,
  pg_catalog.pg_get_triggerdef(g.oid) as definition,
  case g.tgenabled when 'O' then 'origin' when 'R' then 'replica' when 'A' then 'always' else 'disabled' end
    as enabled
from pg_catalog.pg_trigger g
join :relations c on c.oid = g.tgrelid
where not g.tgisinternal and not pg_catalog.starts_with(g.tgname, 'limbeck_')
