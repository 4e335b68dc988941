-- A materialized view is its class, its row type (and the array of it) and its _RETURN rule.
select '1259:' || c.oid || ':0 1247:' || c.reltype || ':0'
    || coalesce((select ' 1247:' || t.typarray || ':0' from pg_catalog.pg_type t
      where t.oid = c.reltype and t.typarray <> 0), '')
    || coalesce((select ' 2618:' || r.oid || ':0' from pg_catalog.pg_rewrite r
      where r.ev_class = c.oid and r.rulename = '_RETURN'), '') as addresses,
  array[c.nspname, c.relname] as path,
  pg_catalog.pg_get_viewdef(c.oid) as query,
  c.reloptions || (select array_agg('toast.' || o) from pg_catalog.pg_class t, unnest(t.reloptions) o
    where t.oid = c.reltoastrelid) as "with",
  (select s.spcname from pg_catalog.pg_tablespace s where s.oid = c.reltablespace) as tablespace,
  (select a.amname from pg_catalog.pg_am a where a.oid = c.relam and a.amname <> 'heap') as access_method,
  not c.relispopulated as with_no_data,
  (select json_agg(json_build_object('name', a.attname,
      'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'collation', case when a.attcollation <> t.typcollation then
        (select quote_ident(n.nspname) || '.' || quote_ident(l.collname) from pg_catalog.pg_collation l
          join pg_catalog.pg_namespace n on n.oid = l.collnamespace where l.oid = a.attcollation) end,
      'storage', case when a.attstorage <> t.typstorage then
        case a.attstorage when 'p' then 'plain' when 'e' then 'external' when 'x' then 'extended' when 'm' then 'main' end end,
      'compression', case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end,
      'statistics', nullif(a.attstattarget, -1),
      'options', (select coalesce(json_object_agg(split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), '{}')
        from unnest(a.attoptions) o))
      order by a.attnum)
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as "columns:json"
from :relations c
where c.relkind = 'm'
