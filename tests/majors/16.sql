-- What is there from 16 on.
create view attic.of_json as
  select id, doc is json object as is_object, json_array(id, label) as list from attic.boxes;
