-- A default names no column, so none has to be known: with the relation's own number in place of 0,
-- `pg_get_expr` would look up all of them each time.
select '2604:' || d.oid || ':0' as addresses,
  array[c.nspname, c.relname, a.attname] as path,
  pg_catalog.pg_get_expr(d.adbin, 0) as expression
from pg_catalog.pg_attrdef d
join :relations c on c.oid = d.adrelid
join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
where c.relkind = 'r' and a.attgenerated = ''
