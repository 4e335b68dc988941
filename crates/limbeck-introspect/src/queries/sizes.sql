select array[c.nspname, c.relname] as path, nullif(c.reltuples, -1) as rows,
  c.relpages::bigint * pg_catalog.current_setting('block_size')::bigint as bytes
from :relations c
where c.relkind = 'r'
