-- Few sequences are owned, so they are found first (`offset 0`), and not among all that depends on each table.
select '' as addresses,
  array[n.nspname, s.relname] as path,
  quote_ident(c.relname) || '.' || quote_ident(a.attname) as "column"
from (select d.objid, d.refobjid, d.refobjsubid
    from pg_catalog.pg_sequence q
    join pg_catalog.pg_depend d on d.classid = 1259 and d.objid = q.seqrelid
    where d.refclassid = 1259 and d.deptype = 'a' and d.refobjsubid > 0 offset 0) d
join pg_catalog.pg_class s on s.oid = d.objid
join :user_schemas n on n.oid = s.relnamespace
join :relations c on c.oid = d.refobjid and c.relkind = 'r'
join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where not pg_catalog.starts_with(s.relname, 'limbeck_')
  and (1259::oid, s.oid) not in (select m.classid, m.objid from :extension_members m)
