select '1259:' || c.oid || ':0 1247:' || c.reltype || ':0' as addresses,
  array[c.nspname, c.relname] as path,
  c.relpersistence = 'u' as unlogged,
  c.reloptions || (select array_agg('toast.' || o) from pg_catalog.pg_class t, unnest(t.reloptions) o
    where t.oid = c.reltoastrelid) as "with",
  (select s.spcname from pg_catalog.pg_tablespace s where s.oid = c.reltablespace) as tablespace,
  (select a.amname from pg_catalog.pg_am a where a.oid = c.relam and a.amname <> 'heap') as access_method,
  c.relrowsecurity as row_security,
  c.relforcerowsecurity as force_row_security
from :relations c
where c.relkind = 'r'
