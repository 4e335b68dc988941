pg_catalog.current_setting('server_version_num'),
  extract(epoch from pg_catalog.pg_postmaster_start_time()),
  (select pg_catalog.concat_ws(':', d.oid, d.ctid, d.xmin) from pg_catalog.pg_database d
    where d.datname = pg_catalog.current_database()),
  pg_catalog.quote_ident(current_user),
  (select pg_catalog.bit_xor(pg_catalog.hash_record_extended(row(r.oid, r.rolname), 0)) from pg_catalog.pg_roles r),
  (select pg_catalog.bit_xor(pg_catalog.hash_record_extended(row(m.umid, m.srvname, m.usename), 0))
    from pg_catalog.pg_user_mappings m),
  -- Introspection pins `search_path` in its own transaction: what a session begins with is meant.
  (select pg_catalog.bit_xor(pg_catalog.hash_record_extended(row(s.name, s.reset_val), 0))
    from pg_catalog.pg_settings s where s.name in ('search_path', 'standard_conforming_strings', 'lc_monetary'))
