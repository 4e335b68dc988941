-- An array of names and a text is name[], which cuts long lists of types at 63 bytes: hence the cast.
-- Statements name an ordered-set aggregate by both of its lists, and with VARIADIC: a variadic "any"
-- that both lists end with is kept once among the argument types.
select '1255:' || p.oid || ':0' as addresses,
  array[n.nspname::text, p.proname, case
    when p.pronargs = 0 then '*'
    when a.aggkind = 'n' then pg_catalog.oidvectortypes(p.proargtypes)
    else (select ltrim(coalesce(string_agg(t.type, ', ' order by t.i) filter (where t.i <= a.aggnumdirectargs), '')
        || ' ORDER BY '
        || coalesce(string_agg(t.type, ', ' order by t.i) filter (where t.i > a.aggnumdirectargs),
          max(t.type) filter (where t.i = p.pronargs)))
      from (select u.i, case when p.provariadic <> 0 and u.i = p.pronargs then 'VARIADIC ' else '' end
          || pg_catalog.format_type(u.type, null) as type
        from unnest(p.proargtypes::oid[]) with ordinality u(type, i)) t)
    end] as path,
  pg_catalog.pg_get_function_arguments(p.oid) as arguments,
  pg_catalog.pg_get_function_result(p.oid) as result,
  a.aggkind = 'h' as hypothetical,
  a.aggtransfn::pg_catalog.regproc::text as sfunc,
  pg_catalog.format_type(a.aggtranstype, null) as stype,
  nullif(a.aggtransspace, 0) as sspace,
  nullif(a.aggfinalfn::pg_catalog.regproc::text, '-') as finalfunc,
  a.aggfinalextra as finalfunc_extra,
  case nullif(a.aggfinalmodify, case a.aggkind when 'n' then 'r'::"char" else 'w' end)
    when 'r' then 'read_only' when 's' then 'shareable' when 'w' then 'read_write' end as finalfunc_modify,
  nullif(a.aggcombinefn::pg_catalog.regproc::text, '-') as combinefunc,
  nullif(a.aggserialfn::pg_catalog.regproc::text, '-') as serialfunc,
  nullif(a.aggdeserialfn::pg_catalog.regproc::text, '-') as deserialfunc,
  a.agginitval as initcond,
  nullif(a.aggmtransfn::pg_catalog.regproc::text, '-') as msfunc,
  nullif(a.aggminvtransfn::pg_catalog.regproc::text, '-') as minvfunc,
  case when a.aggmtranstype <> 0 then pg_catalog.format_type(a.aggmtranstype, null) end as mstype,
  nullif(a.aggmtransspace, 0) as msspace,
  nullif(a.aggmfinalfn::pg_catalog.regproc::text, '-') as mfinalfunc,
  a.aggmfinalextra as mfinalfunc_extra,
  case nullif(a.aggmfinalmodify, case a.aggkind when 'n' then 'r'::"char" else 'w' end)
    when 'r' then 'read_only' when 's' then 'shareable' when 'w' then 'read_write' end as mfinalfunc_modify,
  a.aggminitval as minitcond,
  (select quote_ident(s.nspname) || '.' || o.oprname from pg_catalog.pg_operator o
    join pg_catalog.pg_namespace s on s.oid = o.oprnamespace where o.oid = a.aggsortop) as sortop,
  case p.proparallel when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end as parallel
from pg_catalog.pg_aggregate a
join pg_catalog.pg_proc p on p.oid = a.aggfnoid
join :user_schemas n on n.oid = p.pronamespace
where not pg_catalog.starts_with(p.proname, 'limbeck_')
  and not exists (select from pg_catalog.pg_depend e
    where e.classid = 1255 and e.objid = p.oid and e.deptype = 'e')
