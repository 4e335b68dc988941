-- What a server does not have yet is looked up in `own` in vain, and found in `before_15` or
-- `before_18`. Only a key `without overlaps`, which periods point at, has another method.
select '2606:' || k.oid || ':0' as addresses,
  array[c.nspname, c.relname, k.conname] as path,
  array(select (select a.attname from pg_catalog.pg_attribute a
      where a.attrelid = k.conrelid and a.attnum = u.attnum)
    from unnest(k.conkey) u(attnum)) as columns,
  quote_ident(n.nspname) || '.' || quote_ident(r.relname)
    || (select '(' || string_agg((select quote_ident(a.attname) from pg_catalog.pg_attribute a
        where a.attrelid = k.confrelid and a.attnum = u.attnum), ', ' order by u.n) || ')'
      from unnest(k.confkey) with ordinality u(attnum, n)) as "references",
  case k.confmatchtype when 'f' then 'full' else 'simple' end as "match",
  case k.confupdtype when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null'
    when 'd' then 'set default' else 'no action' end as on_update,
  case k.confdeltype when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null'
    when 'd' then 'set default' else 'no action' end
    || case when k.confdeltype in ('n', 'd') then
      coalesce((select ' (' || string_agg((select quote_ident(a.attname) from pg_catalog.pg_attribute a
          where a.attrelid = k.conrelid and a.attnum = u.attnum), ', ' order by u.n) || ')'
        from unnest((select confdelsetcols from (select k.*) own)) with ordinality u(attnum, n)), '')
    else '' end as on_delete,
  m.amname <> 'btree' as period,
  k.condeferrable as deferrable,
  k.condeferred as initially_deferred,
  not k.convalidated and (select conenforced from (select k.*) own) as not_valid,
  not (select conenforced from (select k.*) own) as not_enforced
from pg_catalog.pg_constraint k
join :relations c on c.oid = k.conrelid
join pg_catalog.pg_class r on r.oid = k.confrelid
join pg_catalog.pg_namespace n on n.oid = r.relnamespace
join pg_catalog.pg_class i on i.oid = k.conindid
join pg_catalog.pg_am m on m.oid = i.relam
cross join (select null::smallint[] as confdelsetcols) before_15
cross join (select true as conenforced) before_18
where k.contype = 'f' and k.conparentid = 0 and not pg_catalog.starts_with(k.conname, 'limbeck_')
