select '1259:' || a.attrelid || ':' || a.attnum
    || coalesce((select ' 2604:' || d.oid || ':0' from pg_catalog.pg_attrdef d
      where d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated <> ''), '')
    -- From 18 on, its not null has a row of its own.
    || coalesce(' 2606:' || k.oid || ':0', '') as addresses,
  array[c.nspname, c.relname, a.attname] as path,
  a.attnum as position,
  pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
  a.attnotnull as not_null,
  case when k.conname <> c.relname || '_' || a.attname || '_not_null'
      and pg_catalog.octet_length(c.relname || '_' || a.attname || '_not_null') < 64
    then k.conname end as not_null_name,
  not k.convalidated as not_null_not_valid,
  k.connoinherit as not_null_no_inherit,
  (select quote_ident(n.nspname) || '.' || quote_ident(l.collname) from pg_catalog.pg_collation l
    join pg_catalog.pg_namespace n on n.oid = l.collnamespace
    where l.oid = a.attcollation and a.attcollation <> t.typcollation) as "collation",
  (select pg_catalog.pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attrdef d
    where d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated <> '') as generated,
  a.attgenerated = 'v' as virtual,
  case when a.attstorage <> t.typstorage then
    case a.attstorage when 'p' then 'plain' when 'e' then 'external' when 'x' then 'extended' when 'm' then 'main' end
  end as storage,
  case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end as compression,
  nullif(a.attstattarget, -1) as statistics,
  a.attoptions as options
from pg_catalog.pg_attribute a
join :relations c on c.oid = a.attrelid
join pg_catalog.pg_type t on t.oid = a.atttypid
-- Found by their columns at once (`offset 0`): by tables, the server would look at all of a table's for each column.
left join (select k.oid, k.conrelid, k.conkey[1] as attnum, k.conname, k.convalidated, k.connoinherit
    from pg_catalog.pg_constraint k where k.contype = 'n' offset 0) k
  on k.conrelid = a.attrelid and k.attnum = a.attnum
where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
