select '1247:' || t.oid || ':0 1247:' || t.typarray || ':0' as addresses,
  array[n.nspname, t.typname] as path,
  coalesce(l.labels, '{}') as values
from pg_catalog.pg_type t
join :user_schemas n on n.oid = t.typnamespace
left join (select e.enumtypid, array_agg(e.enumlabel order by e.enumsortorder) as labels
  from pg_catalog.pg_enum e group by e.enumtypid) l on l.enumtypid = t.oid
where t.typtype = 'e' and not pg_catalog.starts_with(t.typname, 'limbeck_')
  and (1247::oid, t.oid) not in (select m.classid, m.objid from :extension_members m)
