select '2606:' || k.oid || ':0' as addresses,
  array[c.nspname, c.relname, k.conname] as path,
  (select array_agg(a.attname order by u.n) from unnest(k.conkey) with ordinality u(attnum, n)
    join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum) as columns,
  (select quote_ident(n.nspname) || '.' || quote_ident(r.relname) from pg_catalog.pg_class r
      join pg_catalog.pg_namespace n on n.oid = r.relnamespace where r.oid = k.confrelid)
    || (select '(' || string_agg(quote_ident(a.attname), ', ' order by u.n) || ')'
      from unnest(k.confkey) with ordinality u(attnum, n)
      join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.attnum) as "references",
  case k.confmatchtype when 'f' then 'full' else 'simple' end as "match",
  case k.confupdtype when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null'
    when 'd' then 'set default' else 'no action' end as on_update,
  case k.confdeltype when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null'
    when 'd' then 'set default' else 'no action' end
    || coalesce((select ' (' || string_agg(quote_ident(a.attname), ', ' order by u.n) || ')'
      from jsonb_array_elements_text(nullif(j.k -> 'confdelsetcols', 'null')) with ordinality u(attnum, n)
      join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum::smallint), '') as on_delete,
  coalesce((j.k ->> 'conperiod')::boolean, false) as period,
  k.condeferrable as deferrable,
  k.condeferred as initially_deferred,
  not k.convalidated and coalesce((j.k ->> 'conenforced')::boolean, true) as not_valid,
  not coalesce((j.k ->> 'conenforced')::boolean, true) as not_enforced
from pg_catalog.pg_constraint k
join :relations c on c.oid = k.conrelid
cross join lateral (select to_jsonb(k) as k) j
where k.contype = 'f' and k.conparentid = 0 and k.conname !~ '^limbeck_'
