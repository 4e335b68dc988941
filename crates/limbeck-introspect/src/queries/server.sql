select pg_catalog.current_setting('server_version_num') as version,
  pg_catalog.current_setting('server_version') as version_text,
  d.datcollate as "collate", d.datctype as ctype, pg_catalog.pg_encoding_to_char(d.encoding) as encoding,
  pg_catalog.quote_ident(d.datname) as database, current_user as "user",
  (select s.reset_val from pg_catalog.pg_settings s where s.name = 'search_path') as search_path,
  pg_catalog.pg_is_in_recovery() as in_recovery
from pg_catalog.pg_database d
where d.datname = pg_catalog.current_database()
