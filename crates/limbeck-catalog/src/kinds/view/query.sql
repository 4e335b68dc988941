-- A view is its class, its row type (and the array of it) and its _RETURN rule, and the defaults of its
-- columns need things of their own.
select '1259:' || c.oid || ':0 1247:' || c.reltype || ':0'
    || coalesce((select ' 1247:' || t.typarray || ':0' from pg_catalog.pg_type t
      where t.oid = c.reltype and t.typarray <> 0), '')
    || coalesce((select ' 2618:' || r.oid || ':0' from pg_catalog.pg_rewrite r
      where r.ev_class = c.oid and r.rulename = '_RETURN'), '')
    || coalesce((select string_agg(' 2604:' || d.oid || ':0', '') from pg_catalog.pg_attrdef d
      where d.adrelid = c.oid), '') as addresses,
  array[c.nspname, c.relname] as path,
  pg_catalog.pg_get_viewdef(c.oid) as query,
  c.reloptions as "with",
  (select json_object_agg(a.attname, pg_catalog.pg_get_expr(d.adbin, d.adrelid))
    from pg_catalog.pg_attrdef d
    join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
    where d.adrelid = c.oid) as "defaults:json",
  (select json_agg(json_build_object('name', a.attname,
      'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'collation', case when a.attcollation <> t.typcollation then
        (select quote_ident(n.nspname) || '.' || quote_ident(l.collname) from pg_catalog.pg_collation l
          join pg_catalog.pg_namespace n on n.oid = l.collnamespace where l.oid = a.attcollation) end)
      order by a.attnum)
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as "columns:json"
from :relations c
where c.relkind = 'v'
