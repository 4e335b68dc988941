create or replace function pg_temp.limbeck_attempt(
  items int[], statements text[], wholes boolean[], paths text[], sequences text[],
  is_query boolean, undone boolean, millis int
) returns table (at int, result text, state text, relation_schema text, relation text, named text, col text, message text)
language plpgsql as $limbeck$
declare
  until timestamptz := clock_timestamp() + millis * interval '1 millisecond';
  done int := 0;
  names text[];
  lasts bigint[];
  calls boolean[];
  l bigint;
  c boolean;
begin
  for i in 1 .. cardinality(items) loop
    continue when items[i] = done;
    at := i; result := null; state := null; named := null; col := null; message := null;
    if clock_timestamp() > until then
      state := 'LB001'; message := 'no time was left';
      return next;
      continue;
    end if;
    perform set_config('search_path', paths[items[i]], true);
    names := string_to_array(sequences[items[i]], E'\n'); lasts := '{}'; calls := '{}';
    for s in 1 .. cardinality(names) loop
      execute format('select last_value, is_called from %s', names[s]) into l, c;
      lasts := lasts || l; calls := calls || c;
    end loop;
    begin
      if is_query then
        execute statements[i] into result;
      else
        execute statements[i];
        set constraints all immediate;
      end if;
      if undone then
        raise exception using errcode = 'LB000';
      end if;
      if wholes[i] then done := items[i]; end if;
    exception when others then
      get stacked diagnostics state = returned_sqlstate, relation_schema = schema_name, relation = table_name,
        named = constraint_name, col = column_name, message = message_text;
      if state = 'LB000' then state := null; end if;
    end;
    for s in 1 .. cardinality(names) loop
      perform setval(names[s]::regclass, lasts[s], calls[s]);
    end loop;
    return next;
  end loop;
end $limbeck$
