select '' as addresses,
  array[c.nspname, c.relname] as path,
  i.relname as index
from pg_catalog.pg_index x
join :relations c on c.oid = x.indrelid
join pg_catalog.pg_class i on i.oid = x.indexrelid
where x.indisclustered
