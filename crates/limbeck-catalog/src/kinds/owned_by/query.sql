select '' as addresses,
  array[n.nspname, s.relname] as path,
  quote_ident(c.relname) || '.' || quote_ident(a.attname) as "column"
from pg_catalog.pg_depend d
join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
join :user_schemas n on n.oid = s.relnamespace
join :relations c on c.oid = d.refobjid and c.relkind = 'r'
join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where d.classid = 1259 and d.refclassid = 1259 and d.deptype = 'a' and d.refobjsubid > 0
  and s.relname !~ '^limbeck_'
  and (1259::oid, s.oid) not in (select m.classid, m.objid from :extension_members m)
