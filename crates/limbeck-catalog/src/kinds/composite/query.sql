select '1247:' || t.oid || ':0 1247:' || t.typarray || ':0 1259:' || c.oid || ':0' as addresses,
  array[n.nspname, t.typname] as path,
  coalesce(l.attributes, '[]') as "attributes:json"
from pg_catalog.pg_type t
join :user_schemas n on n.oid = t.typnamespace
join pg_catalog.pg_class c on c.oid = t.typrelid and c.relkind = 'c'
left join (select a.attrelid, pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname,
      'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'collation', case when o.oid is not null then quote_ident(s.nspname) || '.' || quote_ident(o.collname) end
    ) order by a.attnum) as attributes
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class r on r.oid = a.attrelid and r.relkind = 'c'
  join pg_catalog.pg_type u on u.oid = a.atttypid
  left join pg_catalog.pg_collation o on o.oid = a.attcollation and a.attcollation <> u.typcollation
  left join pg_catalog.pg_namespace s on s.oid = o.collnamespace
  where a.attnum > 0 and not a.attisdropped
  group by a.attrelid) l on l.attrelid = c.oid
where t.typtype = 'c' and not pg_catalog.starts_with(t.typname, 'limbeck_')
  and (1247::oid, t.oid) not in (select m.classid, m.objid from :extension_members m)
