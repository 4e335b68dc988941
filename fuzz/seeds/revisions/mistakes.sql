-- limbeck:revision abc
-- mesage: x
  -- limbeck:upgarde

-- limbeck:downgrade now
select 1;
copy t from stdin;
\.
commit;
