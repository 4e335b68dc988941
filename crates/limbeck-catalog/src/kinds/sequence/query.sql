select '1259:' || c.oid || ':0' as addresses,
  array[n.nspname, c.relname] as path,
  pg_catalog.format_type(s.seqtypid, null) as type,
  s.seqstart as start,
  s.seqincrement as increment,
  s.seqmin as min,
  s.seqmax as max,
  s.seqcache as cache,
  s.seqcycle as cycle,
  c.relpersistence = 'u' as unlogged
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
join :user_schemas n on n.oid = c.relnamespace
-- An identity's sequence is part of the identity.
left join pg_catalog.pg_depend i on i.classid = 1259 and i.objid = c.oid and i.refclassid = 1259 and i.deptype = 'i'
where i.objid is null and not pg_catalog.starts_with(c.relname, 'limbeck_')
  and (1259::oid, c.oid) not in (select m.classid, m.objid from :extension_members m)
