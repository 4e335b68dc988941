-- Rows only where a new object of the role at work would not have the same owner and rights by itself.
-- What it would have are its default privileges: those of the role in any schema in place of the
-- built-in ones, and those in the schema on top (get_user_default_acl); a new owner takes the place of
-- the old one in them (aclnewowner).
with role_at_work as (select r.oid from pg_catalog.pg_roles r where r.rolname = current_user),
new_object as (
  select t.objtype, n.oid as namespace,
    coalesce(anywhere.defaclacl, pg_catalog.acldefault(t.code, w.oid)) || coalesce(here.defaclacl, '{}') as acl,
    anywhere.oid is not null or here.oid is not null as is_changed
  from role_at_work w
  cross join (values ('r'::"char", 'r'::"char"), ('S', 's'), ('f', 'f'), ('T', 'T'), ('n', 'n')) t(objtype, code)
  cross join (select u.oid from :user_schemas u union all select 0) n
  left join pg_catalog.pg_default_acl anywhere
    on anywhere.defaclrole = w.oid and anywhere.defaclnamespace = 0 and anywhere.defaclobjtype = t.objtype
  left join pg_catalog.pg_default_acl here
    on here.defaclrole = w.oid and here.defaclnamespace = n.oid and n.oid <> 0 and here.defaclobjtype = t.objtype
),
object as (
  select 1259 as class, c.oid, 0 as sub, null as member, c.relowner as owner, c.relacl as acl,
    case c.relkind when 'S' then 'S' else 'r' end::"char" as objtype, c.relnamespace as namespace
  from pg_catalog.pg_class c
  join :user_schemas n on n.oid = c.relnamespace
  where c.relkind in ('r', 'v', 'm', 'S')
  union all
  select 1259, a.attrelid, a.attnum, a.attname, c.relowner, a.attacl, 'c', c.relnamespace
  from pg_catalog.pg_attribute a
  join :relations c on c.oid = a.attrelid
  where a.attacl is not null and a.attnum > 0 and not a.attisdropped
  union all
  select 1255, p.oid, 0, null, p.proowner, p.proacl, 'f', p.pronamespace
  from pg_catalog.pg_proc p
  join :user_schemas n on n.oid = p.pronamespace
  union all
  select 1247, t.oid, 0, null, t.typowner, t.typacl, 'T', t.typnamespace
  from pg_catalog.pg_type t
  join :user_schemas n on n.oid = t.typnamespace
  left join pg_catalog.pg_class c on c.oid = t.typrelid
  where t.typtype in ('e', 'd', 'r') or c.relkind = 'c'
  union all
  select 3381, e.oid, 0, null, e.stxowner, null, null, e.stxnamespace
  from pg_catalog.pg_statistic_ext e
  join :user_schemas n on n.oid = e.stxnamespace
  union all
  select 2615, n.oid, 0, null, n.nspowner, n.nspacl, 'n', 0
  from :user_schemas n
  where n.nspname <> 'public'
),
found as (
  select o.*, w.oid as role_at_work, d.acl as new_acl,
    case when o.acl is not null or d.is_changed then
      coalesce(o.acl, pg_catalog.acldefault(case o.objtype when 'S' then 's' else o.objtype end, o.owner))
    end as has
  from role_at_work w
  cross join object o
  left join new_object d on d.objtype = o.objtype and d.namespace = o.namespace
  where (o.acl is not null or d.is_changed or (o.owner <> w.oid and o.objtype is distinct from 'c'))
    and not exists (select from :extension_members e
      where e.classid = o.class and e.objid = o.oid)
)
select '' as addresses,
  f.class || ':' || f.oid || ':' || f.sub as target,
  f.member,
  case when f.owner <> f.role_at_work and f.objtype is distinct from 'c'
    then pg_catalog.pg_get_userbyid(f.owner) end as owner,
  (select jsonb_agg(g) from (
    select case x.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee) end as grantee,
      lower(x.privilege_type) as privilege,
      bool_or(x.is_grantable) as grantable,
      case when not bool_or(x.grantor = f.owner) then min(pg_catalog.pg_get_userbyid(x.grantor)::text) end as grantor
    from pg_catalog.aclexplode(f.has) x group by x.grantee, x.privilege_type order by 1, 2) g) as "acl:json",
  (select jsonb_agg(g) from (
    select case y.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(y.grantee) end as grantee,
      y.privilege,
      bool_or(y.is_grantable) as grantable
    from (select case x.grantee when f.role_at_work then f.owner else x.grantee end as grantee,
        lower(x.privilege_type) as privilege, x.is_grantable
      from pg_catalog.aclexplode(f.new_acl) x where f.has is not null) y
    group by y.grantee, y.privilege order by 1, 2) g) as "of_new:json"
from found f
