-- limbecguage he models

-- limbeck:upgrade
-- limbeck:hazard sql as $f$ select '
-- limbeck:upgrade
' $f$;
-- limbec===='=
-- limbeck:revision 9c1d00aa71b2

-- limbeck:k:r3f2c9a1b70d4
-- parents: 9c1d00aa71b2
-- message: add members email
--upgrade
create function  labels: 