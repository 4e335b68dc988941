select '1259:' || i.oid || ':0' as addresses,
  array[c.nspname, c.relname, i.relname] as path,
  pg_catalog.pg_get_indexdef(i.oid) as definition,
  -- Only an expression can have a target.
  case when x.indexprs is null then '{}'
    else (select coalesce(json_object_agg(a.attnum, a.attstattarget order by a.attnum), '{}')
      from pg_catalog.pg_attribute a where a.attrelid = i.oid and a.attstattarget >= 0) end as "statistics:json",
  x.indisvalid as valid
from pg_catalog.pg_index x
join :relations c on c.oid = x.indrelid
join pg_catalog.pg_class i on i.oid = x.indexrelid
where not pg_catalog.starts_with(i.relname, 'limbeck_')
  and i.oid not in (select k.conindid from pg_catalog.pg_constraint k where k.contype in ('p', 'u', 'x'))
