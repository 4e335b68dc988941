# op.create_table("t1", sa.Column("a", sa.Integer, primary_key=True, autoincrement=True), sa.Column("b", sa.Integer, primary_key=True))
CREATE TABLE t1 (
    a SERIAL NOT NULL,
    b INTEGER NOT NULL,
    PRIMARY KEY (a, b)
);

# op.create_table("t2", sa.Column("a", sa.Integer, primary_key=True), sa.Column("b", sa.Integer, primary_key=True))
CREATE TABLE t2 (
    a INTEGER NOT NULL,
    b INTEGER NOT NULL,
    PRIMARY KEY (a, b)
);

# op.create_table("t3", sa.Column("a", sa.Integer, sa.ForeignKey("t1.a"), primary_key=True))
CREATE TABLE t3 (
    a INTEGER NOT NULL,
    PRIMARY KEY (a),
    FOREIGN KEY(a) REFERENCES t1 (a)
);

# op.create_table("t4", sa.Column("a", sa.Integer, primary_key=True, default=1), sa.Column("c", sa.Integer, default=2, onupdate=3))
CREATE TABLE t4 (
    a INTEGER NOT NULL,
    c INTEGER,
    PRIMARY KEY (a)
);

# op.create_table("t5", sa.Column("a", sa.BigInteger, primary_key=True), sa.Column("x", sa.SmallInteger(), nullable=False))
CREATE TABLE t5 (
    a BIGSERIAL NOT NULL,
    x SMALLINT NOT NULL,
    PRIMARY KEY (a)
);

# op.create_table("t6", sa.Column("a", sa.SmallInteger, primary_key=True))
CREATE TABLE t6 (
    a SMALLSERIAL NOT NULL,
    PRIMARY KEY (a)
);

# op.create_table("t7", sa.Column("a", sa.Numeric, primary_key=True))
CREATE TABLE t7 (
    a NUMERIC NOT NULL,
    PRIMARY KEY (a)
);

# op.create_table("t7b", sa.Column("a", sa.Numeric(10, 0), primary_key=True), sa.Column("b", sa.Float, nullable=False))
CREATE TABLE t7b (
    a NUMERIC(10, 0) NOT NULL,
    b FLOAT NOT NULL,
    PRIMARY KEY (a)
);

# op.create_table("t8", sa.Column("a", postgresql.ARRAY(sa.Enum("x", "y", name="e8"))), sa.Column("b", postgresql.ARRAY(sa.Integer, dimensions=2)), sa.Column("c", sa.ARRAY(sa.String(5, collation="C"))))
CREATE TYPE e8 AS ENUM ('x', 'y');

CREATE TABLE t8 (
    a e8[],
    b INTEGER[][],
    c VARCHAR(5)[] COLLATE "C"
);

# op.create_table("t9", sa.Column("a", sa.Enum("x", "y", name="e9")), schema="s9")
CREATE TYPE e9 AS ENUM ('x', 'y');

CREATE TABLE s9.t9 (
    a e9
);

# op.create_table("t10", sa.Column("a", sa.Enum("x", "yyy", name="e10", native_enum=False)), sa.Column("b", sa.Enum("x", name="e10b", native_enum=False, length=20)))
CREATE TABLE t10 (
    a VARCHAR(3),
    b VARCHAR(20)
);

# op.create_table("t11", sa.Column("a", sa.Enum("x", "y", name="e11"))); op.create_table("t11b", sa.Column("a", sa.Enum("x", "y", name="e11")))
CREATE TYPE e11 AS ENUM ('x', 'y');

CREATE TABLE t11 (
    a e11
);

CREATE TABLE t11b (
    a e11
);

# op.create_table("t12", sa.Column("a", sa.Boolean(name="bb")), sa.Column("b", sa.Boolean(create_constraint=True)), sa.Column("c", sa.String()), sa.Column("d", sa.VARCHAR(7)), sa.Column("e", sa.CHAR(3)), sa.Column("f", sa.Text(collation="de_DE")))
CREATE TABLE t12 (
    a BOOLEAN,
    b BOOLEAN,
    c VARCHAR,
    d VARCHAR(7),
    e CHAR(3),
    f TEXT COLLATE "de_DE"
);

# op.create_table("t13", sa.Column("a", sa.String, server_default="it's"), sa.Column("b", sa.Integer, server_default="0"), sa.Column("c", sa.Boolean, server_default=sa.false()), sa.Column("d", sa.DateTime, server_default=sa.func.now()), sa.Column("e", sa.DateTime, server_default=sa.func.current_timestamp()), sa.Column("f", sa.Date, server_default=sa.func.current_date()), sa.Column("g", sa.UUID, server_default=sa.func.uuid_generate_v4()), sa.Column("h", sa.JSON, server_default=sa.text("'{}'::json")), sa.Column("i", sa.Integer, server_default=sa.text("nextval('x'::regclass)")), sa.Column("j", sa.DateTime, server_default=sa.sql.func.now()), sa.Column("k", sa.Date, server_default=sa.func.localtimestamp()))
CREATE TABLE t13 (
    a VARCHAR DEFAULT 'it''s',
    b INTEGER DEFAULT '0',
    c BOOLEAN DEFAULT false,
    d TIMESTAMP WITHOUT TIME ZONE DEFAULT now(),
    e TIMESTAMP WITHOUT TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    f DATE DEFAULT CURRENT_DATE,
    g UUID DEFAULT uuid_generate_v4(),
    h JSON DEFAULT '{}'::json,
    i INTEGER DEFAULT nextval('x'::regclass),
    j TIMESTAMP WITHOUT TIME ZONE DEFAULT now(),
    k DATE DEFAULT LOCALTIMESTAMP
);

# op.create_table("t15", sa.Column("a", sa.Integer, sa.ForeignKey("t1.a")), sa.Column("b", sa.Integer, unique=True), sa.UniqueConstraint("a", "b"), sa.Column("c", sa.Integer, sa.ForeignKey("t2.a", name="fkc")), sa.CheckConstraint("a > 1"), sa.PrimaryKeyConstraint("a", name="pk15"))
CREATE TABLE t15 (
    a INTEGER NOT NULL,
    b INTEGER,
    c INTEGER,
    CONSTRAINT pk15 PRIMARY KEY (a),
    UNIQUE (a, b),
    CHECK (a > 1),
    FOREIGN KEY(a) REFERENCES t1 (a),
    UNIQUE (b),
    CONSTRAINT fkc FOREIGN KEY(c) REFERENCES t2 (a)
);

# op.create_table("t16", sa.Column("a", sa.Integer), sa.Column("b", sa.Integer), sa.Index("ix16", "a", "b")); op.create_table("t16u", sa.Column("b", sa.Integer), sa.Index("ix16u", sa.text("lower(b)"), unique=True, postgresql_using="btree"))
CREATE TABLE t16 (
    a INTEGER,
    b INTEGER
);

CREATE INDEX ix16 ON t16 (a, b);

CREATE TABLE t16u (
    b INTEGER
);

CREATE UNIQUE INDEX ix16u ON t16u USING btree (lower(b));

# op.create_index("ix17", "t17", ["a", sa.text("b DESC NULLS LAST"), sa.literal_column("c ASC")], unique=True)
CREATE UNIQUE INDEX ix17 ON t17 (a, b DESC NULLS LAST, c ASC);

# op.create_index("ixMixed", "Order", ["Mixed", "user", "select"])
CREATE INDEX "ixMixed" ON "Order" ("Mixed", "user", "select");

# op.create_index(op.f("ix18"), "t18", ["a"], unique=False, schema="s", postgresql_where="a IS NOT NULL")
CREATE INDEX ix18 ON s.t18 (a) WHERE a IS NOT NULL;

# op.create_foreign_key("fk19", "a", "b", ["x", "y"], ["u", "v"], source_schema="s1", referent_schema="s2", ondelete="SET NULL", onupdate="CASCADE", deferrable=True, initially="DEFERRED", match="FULL")
ALTER TABLE s1.a ADD CONSTRAINT fk19 FOREIGN KEY(x, y) REFERENCES s2.b (u, v) MATCH FULL ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;

# op.create_foreign_key("fk20", "a", "a", ["x"], ["id"])
ALTER TABLE a ADD CONSTRAINT fk20 FOREIGN KEY(x) REFERENCES a (id);

# op.create_foreign_key(None, "a", "b", ["x"], ["id"])
ALTER TABLE a ADD FOREIGN KEY(x) REFERENCES b (id);

# op.alter_column("t", "c", nullable=False)
ALTER TABLE t ALTER COLUMN c SET NOT NULL;

# op.alter_column("t", "c", existing_type=sa.Integer(), server_default=sa.Identity(always=True, start=5))
ALTER TABLE t ALTER COLUMN c ADD GENERATED ALWAYS AS IDENTITY (START WITH 5);

# op.alter_column("t", "c", existing_type=sa.Integer(), existing_server_default=sa.Identity(), server_default=None)
ALTER TABLE t ALTER COLUMN c DROP IDENTITY;

# op.alter_column("t", "c", type_=sa.Enum("a", "b", name="ee"), existing_type=sa.String(), postgresql_using="c::ee", schema="s")
ALTER TABLE s.t ALTER COLUMN c TYPE ee USING c::ee;

# op.alter_column("t", "c", server_default="x", comment="it's", existing_comment="y", new_column_name="d")
ALTER TABLE t ALTER COLUMN c SET DEFAULT 'x';

COMMENT ON COLUMN t.c IS 'it''s';

ALTER TABLE t RENAME c TO d;

# op.alter_column("t", "c", server_default=False, existing_server_default=sa.text("1"), nullable=True)
ALTER TABLE t ALTER COLUMN c DROP NOT NULL;

# op.create_table("t30", sa.Column("at", sa.DateTime), sa.Column("b", sa.Integer), postgresql_partition_by="RANGE (at)")
CREATE TABLE t30 (
    at TIMESTAMP WITHOUT TIME ZONE,
    b INTEGER
)
 PARTITION BY RANGE (at);

# op.create_table("t32", sa.Column("a", postgresql.TIMESTAMP(timezone=True, precision=3)), sa.Column("b", postgresql.TIME(precision=2)), sa.Column("c", postgresql.INTERVAL(fields="YEAR TO MONTH")), sa.Column("d", sa.Interval(second_precision=3)), sa.Column("e", postgresql.BIT(3)), sa.Column("f", postgresql.BIT(5, varying=True)), sa.Column("g", sa.Float(53)), sa.Column("h", sa.Float(precision=10)), sa.Column("i", sa.Numeric()), sa.Column("j", sa.Numeric(5)), sa.Column("k", postgresql.DOUBLE_PRECISION(precision=53)), sa.Column("l", sa.TIMESTAMP()), sa.Column("m", sa.REAL), sa.Column("n", postgresql.INTERVAL(precision=3)), sa.Column("o", postgresql.BIT()))
CREATE TABLE t32 (
    a TIMESTAMP(3) WITH TIME ZONE,
    b TIME(2) WITHOUT TIME ZONE,
    c INTERVAL YEAR TO MONTH,
    d INTERVAL (3),
    e BIT(3),
    f BIT VARYING(5),
    g FLOAT(53),
    h FLOAT(10),
    i NUMERIC,
    j NUMERIC(5),
    k DOUBLE PRECISION,
    l TIMESTAMP WITHOUT TIME ZONE,
    m REAL,
    n INTERVAL (3),
    o BIT(1)
);

# op.create_table("Order Items", sa.Column("User", sa.Integer), sa.Column("1st", sa.Integer), sa.Column("date", sa.Date), sa.Column("value", sa.Text), sa.Column("a b", sa.Text), sa.Column("order", sa.Text), schema="my-schema")
CREATE TABLE "my-schema"."Order Items" (
    "User" INTEGER,
    "1st" INTEGER,
    date DATE,
    value TEXT,
    "a b" TEXT,
    "order" TEXT
);

# op.create_unique_constraint("u34", "t", ["a", "b"], deferrable=True, initially="IMMEDIATE")
ALTER TABLE t ADD CONSTRAINT u34 UNIQUE (a, b) DEFERRABLE INITIALLY IMMEDIATE;

# op.create_primary_key("pk36", "t", ["a", "b"], schema="s")
ALTER TABLE s.t ADD CONSTRAINT pk36 PRIMARY KEY (a, b);

# op.create_check_constraint("ck37", "t", "a > 1", schema="s", postgresql_not_valid=True)
ALTER TABLE s.t ADD CONSTRAINT ck37 CHECK (a > 1) NOT VALID;

# op.create_check_constraint("ck38", "t", sa.text("a > 1"))
ALTER TABLE t ADD CONSTRAINT ck38 CHECK (a > 1);

# op.add_column("t", sa.Column("c", sa.Integer, sa.Computed("a * 2", persisted=True)))
ALTER TABLE t ADD COLUMN c INTEGER GENERATED ALWAYS AS (a * 2) STORED;

# op.add_column("t", sa.Column("c", sa.Integer, sa.Identity(minvalue=1, maxvalue=10, cycle=True, cache=3)))
ALTER TABLE t ADD COLUMN c INTEGER GENERATED BY DEFAULT AS IDENTITY (MINVALUE 1 MAXVALUE 10 CACHE 3 CYCLE);

# op.add_column("t", sa.Column("c", sa.BigInteger, sa.Identity(), nullable=True))
ALTER TABLE t ADD COLUMN c BIGINT GENERATED BY DEFAULT AS IDENTITY NULL;

# op.add_column("t", sa.Column("c", sa.Integer, nullable=False, server_default=sa.text("1"), comment="c"), schema="s")
ALTER TABLE s.t ADD COLUMN c INTEGER DEFAULT 1 NOT NULL;

COMMENT ON COLUMN s.t.c IS 'c';

# op.add_column("t", sa.Column("c", sa.Integer, sa.ForeignKey("s.o.id", ondelete="CASCADE", name="fx", deferrable=False)), schema="s", if_not_exists=True)
ALTER TABLE s.t ADD COLUMN IF NOT EXISTS c INTEGER;

ALTER TABLE s.t ADD CONSTRAINT fx FOREIGN KEY(c) REFERENCES s.o (id) ON DELETE CASCADE NOT DEFERRABLE;

# op.add_column("t", sa.Column("c", sa.Integer, sa.ForeignKey("o.id")), inline_references=True)
ALTER TABLE t ADD COLUMN c INTEGER REFERENCES o (id);

# op.add_column("t", sa.Column("c", sa.Integer, primary_key=True), inline_primary_key=True)
ALTER TABLE t ADD COLUMN c SERIAL NOT NULL PRIMARY KEY;

# op.add_column("t", sa.Column("c", sa.Integer, primary_key=True))
ALTER TABLE t ADD COLUMN c SERIAL NOT NULL;

# op.add_column("t", sa.Column("c", sa.Enum("q", "r", name="eq"), nullable=True))
ALTER TABLE t ADD COLUMN c eq;

# op.drop_table("t", schema="s", if_exists=True)
DROP TABLE IF EXISTS s.t;

# op.drop_column("t", "c", schema="s", if_exists=True)
ALTER TABLE s.t DROP COLUMN IF EXISTS c;

# op.drop_index("i", "t", schema="s", if_exists=True)
DROP INDEX IF EXISTS s.i;

# op.drop_constraint("c", "t", "foreignkey", schema="s", if_exists=True)
ALTER TABLE s.t DROP CONSTRAINT IF EXISTS c;

# op.drop_constraint(constraint_name="c", table_name="t", type_="unique")
ALTER TABLE t DROP CONSTRAINT c;

# op.rename_table("a", "B", schema="s")
ALTER TABLE s.a RENAME TO "B";

# op.create_table_comment("t", "it's", existing_comment="x", schema="s")
COMMENT ON TABLE s.t IS 'it''s';

# op.drop_table_comment("t", schema="s")
COMMENT ON TABLE s.t IS NULL;

# op.create_table("t60", sa.Column("a", sa.Integer, server_default=sa.Identity()), sa.Column("b", sa.Integer, sa.Identity(on_null=True), nullable=False))
CREATE TABLE t60 (
    a INTEGER GENERATED BY DEFAULT AS IDENTITY,
    b INTEGER GENERATED BY DEFAULT AS IDENTITY
);

# op.create_table("t61", sa.Column("a", sa.Integer, primary_key=True, nullable=True), sa.Column("b", sa.Uuid, primary_key=True))
CREATE TABLE t61 (
    a INTEGER,
    b UUID NOT NULL,
    PRIMARY KEY (a, b)
);

# op.create_table("t62", sa.Column("a", sa.Integer), prefixes=["UNLOGGED"], if_not_exists=True, postgresql_with={"fillfactor": 50}, postgresql_tablespace="ts", postgresql_inherits="par", mysql_engine="InnoDB")
CREATE UNLOGGED TABLE IF NOT EXISTS t62 (
    a INTEGER
)
 INHERITS (par)
 WITH (fillfactor = 50)
 TABLESPACE ts;

# op.create_table("t63", sa.Column("id", sa.Integer, sa.Identity(), primary_key=True), sa.Column("v", sa.JSON(none_as_null=True)), sa.Column("w", postgresql.JSONB(astext_type=sa.Text())), sa.Column("u", postgresql.UUID(as_uuid=True)), sa.Column("h", postgresql.HSTORE(text_type=sa.Text())), sa.Column("p", sa.PickleType))
CREATE TABLE t63 (
    id INTEGER GENERATED BY DEFAULT AS IDENTITY,
    v JSON,
    w JSONB,
    u UUID,
    h HSTORE,
    p BYTEA,
    PRIMARY KEY (id)
);

# op.create_index("ix64", "t", ["a", "b"], postgresql_ops={"a": "varchar_pattern_ops"}, postgresql_using="GIN", postgresql_include=["c"], postgresql_with={"fillfactor": 50}, postgresql_tablespace="ts", postgresql_nulls_not_distinct=True, postgresql_where=sa.text("x = 'y'"), if_not_exists=True, postgresql_concurrently=False)
CREATE INDEX IF NOT EXISTS ix64 ON t USING gin (a varchar_pattern_ops, b) INCLUDE (c) NULLS NOT DISTINCT WITH (fillfactor = 50) TABLESPACE ts WHERE x = 'y';

# op.bulk_insert(sa.table("t", sa.column("a", sa.Integer), sa.column("b", sa.String), sa.column("c", sa.Boolean), sa.column("d", sa.Numeric), schema="s"), [{"b": "it's", "a": 1, "c": True, "d": 1.5}, {"a": None, "b": "x", "c": False, "d": 2}])
INSERT INTO s.t (a, b, c, d) VALUES (1, 'it''s', true, 1.5);

INSERT INTO s.t (a, b, c, d) VALUES (NULL, 'x', false, 2);

# op.execute("GRANT SELECT ON t TO u")
GRANT SELECT ON t TO u;

# sa.Enum("a", "b", name="made", schema="s").create(op.get_bind(), checkfirst=False)
CREATE TYPE s.made AS ENUM ('a', 'b');

# postgresql.ENUM("a", "it's", name="made2").create(op.get_bind())
CREATE TYPE made2 AS ENUM ('a', 'it''s');

# sa.Enum(name="made").drop(op.get_bind(), checkfirst=False)
DROP TYPE made;

# op.execute(sa.schema.CreateSequence(sa.Sequence("seq", start=5, increment=2)))
CREATE SEQUENCE seq INCREMENT BY 2 START WITH 5;

# op.execute(sa.schema.DropSequence(sa.Sequence("seq", schema="s")))
DROP SEQUENCE s.seq;

# op.execute(sa.schema.CreateSchema("Sch", if_not_exists=True))
CREATE SCHEMA IF NOT EXISTS "Sch";

# op.execute(sa.schema.DropSchema("sch", cascade=True))
DROP SCHEMA sch CASCADE;

# op.create_table("t75", sa.Column("a", sa.Integer(), nullable=False), sa.Column("b", sa.Integer(), sa.ForeignKey("t1.a", use_alter=False, onupdate="SET DEFAULT")), sa.PrimaryKeyConstraint("a"), sa.ForeignKeyConstraint(["a"], ["t2.a"]))
CREATE TABLE t75 (
    a INTEGER NOT NULL,
    b INTEGER,
    PRIMARY KEY (a),
    FOREIGN KEY(a) REFERENCES t2 (a),
    FOREIGN KEY(b) REFERENCES t1 (a) ON UPDATE SET DEFAULT
);

# op.create_table("t76", sa.Column("a", sa.Integer(), nullable=False, autoincrement=False), sa.PrimaryKeyConstraint("a"))
CREATE TABLE t76 (
    a INTEGER NOT NULL,
    PRIMARY KEY (a)
);

# op.create_table("t77", sa.Column("a", sa.Integer(), server_default=sa.text("nextval('s')"), nullable=False), sa.PrimaryKeyConstraint("a"))
CREATE TABLE t77 (
    a INTEGER DEFAULT nextval('s') NOT NULL,
    PRIMARY KEY (a)
);

# op.create_table("t78", sa.Column("a", sa.Integer(), autoincrement=True, nullable=False), sa.Column("b", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("b", "a"))
CREATE TABLE t78 (
    a SERIAL NOT NULL,
    b INTEGER NOT NULL,
    PRIMARY KEY (b, a)
);

# op.create_table("t79", sa.Column("a", sa.Unicode(length=10)), sa.Column("b", sa.UnicodeText()), sa.Column("c", sa.LargeBinary(20)), sa.Column("d", postgresql.OID), sa.Column("e", postgresql.MONEY()), sa.Column("f", sa.Time(timezone=True)), sa.Column("g", sa.DECIMAL(3, 1)), sa.Column("h", postgresql.CITEXT), sa.Column("i", sa.Double()), sa.Column("j", postgresql.REGCLASS), sa.Column("k", sa.types.Integer()), sa.Column("l", sa.BIGINT()), sa.Column("m", sa.SMALLINT), sa.Column("n", sa.INTEGER()), sa.Column("o", sa.BOOLEAN()), sa.Column("p", sa.DATE), sa.Column("q", postgresql.TSTZRANGE), sa.Column("r", postgresql.INT4MULTIRANGE))
CREATE TABLE t79 (
    a VARCHAR(10),
    b TEXT,
    c BYTEA,
    d OID,
    e MONEY,
    f TIME WITH TIME ZONE,
    g DECIMAL(3, 1),
    h CITEXT,
    i DOUBLE PRECISION,
    j REGCLASS,
    k INTEGER,
    l BIGINT,
    m SMALLINT,
    n INTEGER,
    o BOOLEAN,
    p DATE,
    q TSTZRANGE,
    r INT4MULTIRANGE
);

# op.create_table("t80", sa.Column("a", sa.String(20), key="a"), sa.Column("b", sa.Integer, quote=None))
CREATE TABLE t80 (
    a VARCHAR(20),
    b INTEGER
);

# op.create_table("t81", sa.Column("e", sa.Enum("a", name="MixedEnum", schema="s")), sa.Column("e2", postgresql.ENUM("a", name="nocreate", create_type=False)))
CREATE TYPE s."MixedEnum" AS ENUM ('a');

CREATE TABLE t81 (
    e s."MixedEnum",
    e2 nocreate
);

# op.create_unique_constraint(op.f("u82"), "t", ["a"])
ALTER TABLE t ADD CONSTRAINT u82 UNIQUE (a);

# op.create_index("ix83", "t", [sa.text("(data->>'x')"), sa.func.lower(sa.column("b"))])
CREATE INDEX ix83 ON t ((data->>'x'), lower(b));

# op.create_table("t84", sa.Column("a", sa.String(5), sa.Sequence("sq")))
CREATE TABLE t84 (
    a VARCHAR(5)
);

# op.create_table("t85", sa.Column("id", sa.Integer, sa.Sequence("sq85"), primary_key=True))
CREATE TABLE t85 (
    id INTEGER NOT NULL,
    PRIMARY KEY (id)
);

# op.add_column("t", sa.Column("c", sa.Integer, unique=True))
ALTER TABLE t ADD COLUMN c INTEGER;

ALTER TABLE t ADD UNIQUE (c);

# op.add_column("t", sa.Column("c", sa.Integer, index=True))
ALTER TABLE t ADD COLUMN c INTEGER;

CREATE INDEX ix_t_c ON t (c);

# op.create_table("t88", sa.Column("a", sa.Integer), sa.ForeignKeyConstraint(("a",), ("t1.a",), name=op.f("fk88"), ondelete="CASCADE"))
CREATE TABLE t88 (
    a INTEGER,
    CONSTRAINT fk88 FOREIGN KEY(a) REFERENCES t1 (a) ON DELETE CASCADE
);

# op.create_table("t89", *[sa.Column("a", sa.Integer), sa.Column("b", sa.Text)])
CREATE TABLE t89 (
    a INTEGER,
    b TEXT
);

# op.drop_index(op.f("ix_s_t_a"), table_name="t", schema="s")
DROP INDEX s.ix_s_t_a;

# op.create_table("t93", sa.Column("x", sa.Integer, sa.ForeignKey("t1.a"), sa.ForeignKey("t2.a"), unique=True, index=False))
CREATE TABLE t93 (
    x INTEGER,
    UNIQUE (x),
    FOREIGN KEY(x) REFERENCES t1 (a),
    FOREIGN KEY(x) REFERENCES t2 (a)
);

# op.alter_column("t", "c", type_=postgresql.ARRAY(sa.Text()), existing_type=sa.TEXT(), postgresql_using="string_to_array(c, ',')", server_default=sa.text("'{}'::text[]"))
ALTER TABLE t ALTER COLUMN c TYPE TEXT[] USING string_to_array(c, ',');

ALTER TABLE t ALTER COLUMN c SET DEFAULT '{}'::text[];

# op.alter_column("t", column_name="c", existing_type=sa.VARCHAR(length=5), type_=sa.String(length=10), existing_nullable=False)
ALTER TABLE t ALTER COLUMN c TYPE VARCHAR(10);

# op.add_column("t", sa.Column("c", postgresql.ENUM("a", "b", name="x"), server_default="a", nullable=False))
ALTER TABLE t ADD COLUMN c x DEFAULT 'a' NOT NULL;

# op.create_index("ix1", "t", [sa.column("b").desc(), sa.column("c").desc().nulls_last(), sa.func.coalesce(sa.column("a"), sa.text("0"))])
CREATE INDEX ix1 ON t (b DESC, c DESC NULLS LAST, coalesce(a, 0));

# op.add_column("t", sa.Column("c", sa.Integer, unique=True, index=True, comment="x"), schema="s")
ALTER TABLE s.t ADD COLUMN c INTEGER;

CREATE UNIQUE INDEX ix_s_t_c ON s.t (c);

COMMENT ON COLUMN s.t.c IS 'x';

# op.create_table("t103", sa.Column("id", sa.Integer, sa.Sequence("x", optional=True), primary_key=True))
CREATE TABLE t103 (
    id SERIAL NOT NULL,
    PRIMARY KEY (id)
);

# op.create_table("t104", sa.Column("a", sa.Integer, comment="x", server_default=sa.text("(1 + 1)")), sa.UniqueConstraint("a", name="u104", deferrable=True), sa.PrimaryKeyConstraint("a", deferrable=True, initially="DEFERRED"))
CREATE TABLE t104 (
    a INTEGER DEFAULT (1 + 1) NOT NULL,
    PRIMARY KEY (a) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT u104 UNIQUE (a) DEFERRABLE
);

COMMENT ON COLUMN t104.a IS 'x';

# op.execute("UPDATE t SET a = '{\"x\": 1}'")
UPDATE t SET a = '{"x": 1}';

# op.execute(r"UPDATE t SET a = regexp_replace(a, '\d+', '')")
UPDATE t SET a = regexp_replace(a, '\d+', '');

# op.create_check_constraint("ck", "t", "a ~ '^\\d+$'")
ALTER TABLE t ADD CONSTRAINT ck CHECK (a ~ '^\d+$');

