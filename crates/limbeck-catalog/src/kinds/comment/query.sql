select '' as addresses,
  d.classoid || ':' || d.objoid || ':' || d.objsubid as target,
  a.attname as member,
  d.description as text
from pg_catalog.pg_description d
left join pg_catalog.pg_attribute a on d.classoid = 1259 and a.attrelid = d.objoid and a.attnum = d.objsubid
  and d.objsubid > 0
where d.objoid >= 16384 or (d.classoid = 2615 and d.description <> 'standard public schema')
