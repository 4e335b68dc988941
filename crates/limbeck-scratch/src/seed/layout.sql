begin;
select 'path' as what, pg_catalog.current_setting('search_path') as name;
set local search_path = '';
select 'table' as what, c.oid::int8 as oid, c.nspname::text as schema, c.relname::text as name
from :relations c where c.relkind = 'r' order by 3, 4;
select 'column' as what, a.attrelid::int8 as relation, a.attnum::int4 as number, a.attname::text as name,
  a.atttypid::int8 as type, a.atttypmod as modifier, pg_catalog.format_type(a.atttypid, a.atttypmod) as type_name,
  a.attnotnull as not_null, a.attidentity <> '' as identity, a.attgenerated <> '' as generated,
  case when a.attgenerated = '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end as "default",
  (select min(s.oid::pg_catalog.regclass::text) from pg_catalog.pg_depend p join pg_catalog.pg_class s on s.relkind = 'S'
    where p.classid = 2604 and p.objid = d.oid and p.refclassid = 1259 and p.refobjid = s.oid
      or p.classid = 1259 and p.objid = s.oid and p.refclassid = 1259 and p.refobjid = a.attrelid
        and p.refobjsubid = a.attnum and p.deptype = 'i') as sequence
from pg_catalog.pg_attribute a
join :relations c on c.oid = a.attrelid and c.relkind = 'r'
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped order by 2, 3;
select 'constraint' as what, k.conrelid::int8 as relation, k.conname::text as name, k.contype::text as type,
  k.conkey::int4[] as columns, k.confrelid::int8 as parent, k.confkey::int4[] as parent_columns,
  k.confmatchtype = 'f' as match_full, pg_catalog.pg_get_expr(k.conbin, k.conrelid) as expression
from pg_catalog.pg_constraint k
join :relations c on c.oid = k.conrelid and c.relkind = 'r'
where k.contype in ('p', 'u', 'x', 'f', 'c') order by 2, 3;
select 'index' as what, i.indrelid::int8 as relation, x.relname::text as name,
  array(select distinct p.refobjsubid from pg_catalog.pg_depend p
    where p.classid = 1259 and p.objid = i.indexrelid and p.refclassid = 1259 and p.refobjid = i.indrelid
      and p.refobjsubid > 0 order by 1) as columns
from pg_catalog.pg_index i
join pg_catalog.pg_class x on x.oid = i.indexrelid
join :relations c on c.oid = i.indrelid and c.relkind = 'r'
where i.indisunique and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype <> 'f')
order by 2, 3;
select 'type' as what, t.oid::int8 as oid, n.nspname::text as schema, t.typname::text as name,
  pg_catalog.format_type(t.oid, null) as type_name, t.typtype::text as kind,
  t.typcategory = 'A' and t.typlen = -1 and t.oid not in (22, 30) as is_array, t.typelem::int8 as element,
  t.typbasetype::int8 as base, t.typtypmod as modifier, t.typnotnull as not_null,
  array(select e.enumlabel::text from pg_catalog.pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) as labels,
  (select r.rngsubtype::int8 from pg_catalog.pg_range r where r.rngtypid = t.oid) as subtype,
  (select r.rngtypid::int8 from pg_catalog.pg_range r where r.rngmultitypid = t.oid) as range,
  array(select a.atttypid::int8 from pg_catalog.pg_attribute a
    where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped order by a.attnum) as attributes,
  array(select a.atttypmod from pg_catalog.pg_attribute a
    where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped order by a.attnum) as modifiers,
  array(select pg_catalog.pg_get_expr(k.conbin, 0) from pg_catalog.pg_constraint k
    where k.contypid = t.oid and k.contype = 'c' order by k.conname) as checks
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where t.typtype <> 'p' and (t.typrelid = 0 or n.nspname !~ '^pg_' and n.nspname <> 'information_schema')
order by t.oid;
select 'extension schema' as what, pg_catalog.quote_ident(n.nspname) as name
from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
where n.nspname <> 'pg_catalog' group by n.nspname order by n.nspname;
commit
