select '' as addresses,
  array[c.nspname, c.relname] as path,
  case
    when c.relreplident = 'f' then 'full'
    when i.relname in ('full', 'nothing') then '"' || i.relname || '"'
    else coalesce(i.relname, 'nothing')
  end as identity
from :relations c
left join pg_catalog.pg_index x on c.relreplident = 'i' and x.indrelid = c.oid and x.indisreplident
left join pg_catalog.pg_class i on i.oid = x.indexrelid
where c.relkind = 'r' and c.relreplident <> 'd'
