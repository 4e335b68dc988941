select pg_catalog.current_setting('server_version_num') as version,
  pg_catalog.current_setting('server_version') as version_text,
  d.datcollate as "collate", d.datctype as ctype,
  -- Under 15 there is none, and 17 has it under another name.
  case when pg_catalog.to_jsonb(d) ->> 'datlocprovider' = 'i'
    then coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale') end as icu,
  pg_catalog.pg_encoding_to_char(d.encoding) as encoding,
  pg_catalog.quote_ident(d.datname) as database, current_user as "user",
  (select s.reset_val from pg_catalog.pg_settings s where s.name = 'search_path') as search_path,
  pg_catalog.pg_is_in_recovery() as in_recovery
from pg_catalog.pg_database d
where d.datname = pg_catalog.current_database()
