select pg_catalog.format_type(castsource, null) as source, pg_catalog.format_type(casttarget, null) as target,
  castcontext <> 'e' as assignment, castmethod = 'b' as "binary"
from pg_catalog.pg_cast
where castsource <> casttarget
