select '1259:' || q.oid || ':0' as addresses,
  array[c.nspname, c.relname, a.attname] as path,
  case a.attidentity when 'a' then 'always' else 'by default' end as generated,
  q.relname as sequence,
  array[c.relname, a.attname] as named_after,
  pg_catalog.format_type(a.atttypid, null) as column_type,
  s.seqstart as start,
  s.seqincrement as increment,
  s.seqmin as min,
  s.seqmax as max,
  s.seqcache as cache,
  s.seqcycle as cycle
from pg_catalog.pg_attribute a
join :relations c on c.oid = a.attrelid
join pg_catalog.pg_depend d on d.refclassid = 1259 and d.refobjid = a.attrelid and d.refobjsubid = a.attnum
  and d.classid = 1259 and d.deptype = 'i'
join pg_catalog.pg_class q on q.oid = d.objid and q.relkind = 'S'
join pg_catalog.pg_sequence s on s.seqrelid = q.oid
where c.relkind = 'r' and a.attidentity <> '' and not a.attisdropped
