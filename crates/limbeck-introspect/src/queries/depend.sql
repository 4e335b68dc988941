select d.classid || ':' || d.objid || ':' || d.objsubid as object,
  d.refclassid || ':' || d.refobjid || ':' || d.refobjsubid as needs,
  d.deptype as type
from pg_catalog.pg_depend d
where d.objid >= 16384 and d.refobjid >= 16384 and d.deptype in ('n', 'a', 'i')
