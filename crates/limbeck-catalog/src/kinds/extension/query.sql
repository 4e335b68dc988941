with members as (
  select d.refobjid as extension, d.classid, d.objid from pg_catalog.pg_depend d
  where d.refclassid = 3079 and d.deptype = 'e'
), types as (
  select m.extension, t.oid, t.typarray from members m
  join pg_catalog.pg_type t on m.classid = 1247 and t.oid = m.objid
  union
  select m.extension, t.oid, t.typarray from members m
  join pg_catalog.pg_class c on m.classid = 1259 and c.oid = m.objid
  join pg_catalog.pg_type t on t.oid = c.reltype
), addresses as (
  select m.extension, m.classid, m.objid from members m
  union
  select t.extension, 1247, t.oid from types t
  union
  select t.extension, 1247, t.typarray from types t where t.typarray <> 0
), listed as (
  select a.extension, string_agg(' ' || a.classid || ':' || a.objid || ':0', '' order by a.classid, a.objid) as list
  from addresses a group by a.extension
)
select '3079:' || e.oid || ':0' || coalesce(l.list, '') as addresses,
  array[e.extname] as path,
  n.nspname as schema,
  e.extversion as installed,
  e.extrelocatable as relocatable
from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
left join listed l on l.extension = e.oid
where e.extname <> 'plpgsql'
