-- What is there from 17 on.
create view attic.of_paths as
  select id, json_exists(doc, '$.a') as there, json_value(doc, '$.b' returning integer default 0 on empty) as b
  from attic.boxes;
create view attic.of_rows as
  select b.id, t.n from attic.boxes b, json_table(b.doc, '$.a[*]' columns (n integer path '$')) t;
