select '2606:' || k.oid || ':0 1259:' || k.conindid || ':0' as addresses,
  array[c.nspname, c.relname, k.conname] as path,
  m.amname as "using",
  pg_catalog.pg_get_constraintdef(k.oid) as elements,
  case when x.indnatts > x.indnkeyatts then
    (select array_agg((select a.attname from pg_catalog.pg_attribute a
        where a.attrelid = k.conrelid and a.attnum = u.attnum) order by u.n)
      from unnest(x.indkey) with ordinality u(attnum, n) where u.n > x.indnkeyatts)
  end as include,
  pg_catalog.pg_get_expr(x.indpred, x.indrelid) as "where",
  k.condeferrable as deferrable,
  k.condeferred as initially_deferred,
  i.reloptions as "with",
  s.spcname as tablespace,
  (select d.description from pg_catalog.pg_description d
    where d.classoid = 1259 and d.objoid = k.conindid and d.objsubid = 0) as index_comment
from pg_catalog.pg_constraint k
join :relations c on c.oid = k.conrelid
join pg_catalog.pg_class i on i.oid = k.conindid
join pg_catalog.pg_index x on x.indexrelid = k.conindid
join pg_catalog.pg_am m on m.oid = i.relam
left join pg_catalog.pg_tablespace s on s.oid = i.reltablespace
where k.contype = 'x' and not pg_catalog.starts_with(k.conname, 'limbeck_')
