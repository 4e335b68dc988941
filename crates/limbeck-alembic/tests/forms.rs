//! Operations in all their forms, and their SQL, without Python. That Alembic prints the same is tested where
//! Alembic can be had, by the tests of the command. `LIMBECK_BLESS=1` writes `forms.sql`.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use camino::Utf8PathBuf;
use limbeck_alembic::{Environment, Import, import};

/// A project of one script, whose upgrade is this.
fn taken_over(name: &str, upgrade: &str) -> Import {
    let folder = std::env::temp_dir().join(format!("limbeck-forms-{}-{name}", std::process::id()));
    let folder = Utf8PathBuf::from_path_buf(folder).unwrap();
    fs_err::create_dir_all(folder.join("versions")).unwrap();
    fs_err::write(folder.join("alembic.ini"), "[alembic]\nscript_location = %(here)s\n").unwrap();
    let body: String = upgrade.lines().map(|line| format!("    {line}\n")).collect();
    let script = format!(
        "from alembic import op\nimport sqlalchemy as sa\nfrom sqlalchemy.dialects import postgresql\n\
         revision = 'one'\ndown_revision = None\n\ndef upgrade():\n{body}"
    );
    fs_err::write(folder.join("versions/one.py"), script).unwrap();
    let environment = Environment::read(&folder).unwrap();
    let taken = import(&environment, "migrations", &[]).unwrap();
    fs_err::remove_dir_all(&folder).unwrap();
    taken
}

#[test]
fn every_form_has_its_sql() {
    let forms = include_str!("forms.txt");
    let mut sql = String::new();
    for (number, form) in forms.lines().enumerate() {
        let taken = taken_over(&number.to_string(), form);
        assert!(taken.revisions[0].left.is_empty(), "{form}: {:?}", taken.revisions[0].left);
        let text = &taken.revisions[0].text;
        let (_, up) = text.split_once("-- limbeck:upgrade").unwrap();
        let (up, _) = up.split_once("-- limbeck:downgrade").unwrap();
        sql.push_str(&format!("# {form}\n{}\n\n", up.trim()));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/forms.sql");
    if std::env::var_os("LIMBECK_BLESS").is_some() {
        fs_err::write(path, &sql).unwrap();
    }
    assert_eq!(fs_err::read_to_string(path).unwrap(), sql);
}

#[test]
fn a_type_of_sqlmodel_is_a_varchar() {
    let add = "op.add_column('t', sa.Column('a', sqlmodel.sql.sqltypes.AutoString(length=9)))";
    let taken = taken_over("sqlmodel", &format!("import sqlmodel\n{add}"));
    assert!(taken.revisions[0].text.contains("ADD COLUMN a VARCHAR(9);"), "{}", taken.revisions[0].text);
}

#[test]
fn which_dialect_it_is_is_known() {
    let code = "bind = op.get_bind()\nif bind.dialect.name == 'sqlite':\n    for x in y: op.drop_table(x)\n\
                elif bind.dialect.name != 'postgresql':\n    op.drop_table('a')\nelse:\n    op.drop_table('b')\n\
                if op.get_context().dialect.name == 'mysql':\n    op.drop_table('c')\nop.drop_table('d')\n\
                if bind.dialect.name == 'postgresql':\n    return\nop.drop_table('e')";
    let taken = taken_over("dialect", code);
    assert!(taken.revisions[0].left.is_empty(), "{:?}", taken.revisions[0].left);
    assert!(
        taken.revisions[0].text.contains("upgrade\nDROP TABLE b;\n\nDROP TABLE d;\n\n-- limbeck:downgrade")
    );
}

/// What each of these leaves to a person, in words.
#[test]
fn what_is_not_sure_is_left() {
    for (code, words) in [
        ("for x in y:\n    op.drop_table(x)", "`for …` is more than a literal operation"),
        ("op.drop_table(name)", "`table_name` of `op.drop_table` is no plain text"),
        ("op.drop_table('t', cascade=True)", "`cascade` of `op.drop_table` is not understood"),
        ("op.execute('select :x')", "`:x` is a parameter"),
        ("op.execute(f'drop table {get()}')", "is more than a literal operation"),
        ("op.add_column('t', sa.Column('a', Money()))", "`Money` is no type of SQLAlchemy's"),
        ("op.create_table('t', sa.Column('a', sa.Enum(Color)))", "labels are not plain texts"),
        ("rows = op.get_bind().execute(sa.text('select 1')).fetchall()", "takes the result"),
        ("if found():\n    op.drop_table('a')\nelse:\n    op.drop_table('b')", "whether this holds"),
        ("if not op.get_bind():\n    return", "`if …` is more than"),
        ("helper(1)", "`helper` is not translated"),
        ("op.create_table('t', *columns)", "arguments that are unpacked"),
        (
            "names = ['a']\nfor n in names: names.append(n)\nop.drop_table(names)",
            "`names` may have been changed",
        ),
        ("op.alter_column('t', 'a', server_default=sa.Computed('1'))", "is computed"),
        ("op.execute('copy t from stdin')", "`copy` through the client's connection"),
        ("op.execute('\\\\d t')", "a command of psql"),
    ] {
        let taken = taken_over("left", code);
        let said: Vec<&str> = taken.revisions[0].left.iter().map(|left| left.words.as_str()).collect();
        assert!(said.iter().any(|said| said.contains(words)), "{code}: {said:?}");
    }
}
