-- limbeck:revision ab1
-- replaces: a1, a2

-- limbeck:upgrade of=a1
select 1;
-- limbeck:upgrade of=a2 check_function_bodies=off
select 2;
