with mine as (select n.oid, n.nspname from :user_schemas n),
members as (select m.classid, m.objid from :extension_members m),
found(kind, name, classid, objid) as (
  select case when c.relkind = 'p' then 'partitioned table' when c.relispartition then 'partition'
      when c.relkind = 'f' then 'foreign table' when c.reloftype <> 0 then 'typed table' else 'table with inheritance' end,
    pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(c.relname), 1259::oid, c.oid
  from pg_catalog.pg_class c join mine m on m.oid = c.relnamespace
  where c.relkind in ('p', 'f')
    or (c.relkind = 'r' and (c.relispartition or c.reloftype <> 0
      or exists (select from pg_catalog.pg_inherits h where h.inhrelid = c.oid or h.inhparent = c.oid)))
  union all
  select case t.typtype when 'r' then 'range type' else 'base type' end,
    pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(t.typname), 1247, t.oid
  from pg_catalog.pg_type t join mine m on m.oid = t.typnamespace
  where t.typtype = 'r'
    or (t.typtype = 'b' and t.typisdefined and not exists (select from pg_catalog.pg_type e where e.typarray = t.oid))
  union all
  select 'collation', pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(o.collname), 3456, o.oid
  from pg_catalog.pg_collation o join mine m on m.oid = o.collnamespace
  union all
  select 'conversion', pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(o.conname), 2607, o.oid
  from pg_catalog.pg_conversion o join mine m on m.oid = o.connamespace
  union all
  select 'operator', o.oid::pg_catalog.regoperator::text, 2617, o.oid
  from pg_catalog.pg_operator o join mine m on m.oid = o.oprnamespace
  union all
  select 'operator class', pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(o.opcname), 2616, o.oid
  from pg_catalog.pg_opclass o join mine m on m.oid = o.opcnamespace
  union all
  select 'operator family', pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(o.opfname), 2753, o.oid
  from pg_catalog.pg_opfamily o join mine m on m.oid = o.opfnamespace
  union all
  select 'cast', pg_catalog.format_type(o.castsource, null) || ' as ' || pg_catalog.format_type(o.casttarget, null), 2605, o.oid
  from pg_catalog.pg_cast o where o.oid >= 16384
    and not exists (select from pg_catalog.pg_depend i where i.classid = 2605 and i.objid = o.oid and i.deptype = 'i')
  union all
  select 'text search configuration', pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(o.cfgname), 3602, o.oid
  from pg_catalog.pg_ts_config o join mine m on m.oid = o.cfgnamespace
  union all
  select 'text search dictionary', pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(o.dictname), 3600, o.oid
  from pg_catalog.pg_ts_dict o join mine m on m.oid = o.dictnamespace
  union all
  select 'text search parser', pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(o.prsname), 3601, o.oid
  from pg_catalog.pg_ts_parser o join mine m on m.oid = o.prsnamespace
  union all
  select 'text search template', pg_catalog.quote_ident(m.nspname) || '.' || pg_catalog.quote_ident(o.tmplname), 3764, o.oid
  from pg_catalog.pg_ts_template o join mine m on m.oid = o.tmplnamespace
  union all
  select 'foreign-data wrapper', pg_catalog.quote_ident(o.fdwname), 2328, o.oid from pg_catalog.pg_foreign_data_wrapper o
  union all
  select 'server', pg_catalog.quote_ident(o.srvname), 1417, o.oid from pg_catalog.pg_foreign_server o
  union all
  select 'user mapping', coalesce(pg_catalog.quote_ident(o.usename), 'public') || ' on ' || pg_catalog.quote_ident(o.srvname), 1418, o.umid
  from pg_catalog.pg_user_mappings o
  union all
  select 'publication', pg_catalog.quote_ident(o.pubname), 6104, o.oid from pg_catalog.pg_publication o
  union all
  select 'event trigger', pg_catalog.quote_ident(o.evtname), 3466, o.oid from pg_catalog.pg_event_trigger o
  union all
  select 'language', pg_catalog.quote_ident(o.lanname), 2612, o.oid from pg_catalog.pg_language o where o.oid >= 16384
  union all
  select 'transform', pg_catalog.format_type(o.trftype, null) || ' for ' || l.lanname, 3576, o.oid
  from pg_catalog.pg_transform o join pg_catalog.pg_language l on l.oid = o.trflang
  union all
  select 'access method', pg_catalog.quote_ident(o.amname), 2601, o.oid from pg_catalog.pg_am o where o.oid >= 16384
  union all
  select 'default privileges', pg_catalog.pg_get_userbyid(o.defaclrole) || coalesce(' in ' || pg_catalog.quote_ident(m.nspname), '')
    || ' on ' || o.defaclobjtype::text, 826, o.oid
  from pg_catalog.pg_default_acl o left join mine m on m.oid = o.defaclnamespace
  union all
  select 'comment', 'on ' || pg_catalog.pg_describe_object(o.classoid, o.objoid, 0), o.classoid, o.objoid
  from pg_catalog.pg_description o
  join pg_catalog.pg_constraint k on k.oid = o.objoid and k.contype = 'n'
  join mine m on m.oid = k.connamespace
  where o.classoid = 2606
  union all
  select 'comment', 'on ' || pg_catalog.pg_describe_object(o.classoid, o.objoid, 0), o.classoid, o.objoid
  from pg_catalog.pg_description o
  join pg_catalog.pg_class s on s.oid = o.objoid and s.relkind = 'S'
  join mine m on m.oid = s.relnamespace
  where o.classoid = 1259
    and exists (select from pg_catalog.pg_depend i where i.classid = 1259 and i.objid = s.oid and i.deptype = 'i')
  union all
  select 'security label', pg_catalog.quote_literal(o.label), 0, o.objoid from pg_catalog.pg_seclabel o
)
select f.kind, f.name, f.classid || ':' || f.objid || ':0' as address
from found f
where not exists (select from members m where m.classid = f.classid and m.objid = f.objid)
order by 1, 2
