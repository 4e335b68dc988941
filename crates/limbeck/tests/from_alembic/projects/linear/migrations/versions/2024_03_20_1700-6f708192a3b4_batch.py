"""batch operations, schemas and the rest

Revision ID: 6f708192a3b4
Revises: 5e6f708192a3
Create Date: 2024-03-20 17:00:00.000000+00:00

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.dialects.postgresql import ENUM, JSONB, TSVECTOR, UUID, ExcludeConstraint, DATERANGE

revision = "6f708192a3b4"
down_revision = "5e6f708192a3"
branch_labels = None
depends_on = None

kind = ENUM("in", "out", name="kind", schema="stock")


def make_schema():
    op.execute("CREATE SCHEMA stock")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")


def upgrade() -> None:
    make_schema()
    op.create_table(
        "place",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("code", String(8, collation="C"), nullable=False, unique=True, index=True),
        Column("parent_id", Integer, ForeignKey("stock.place.id", name="fk_place_parent")),
        Column("search", TSVECTOR),
        schema="stock",
        comment="where it lies",
    )
    op.create_table(
        "booking",
        Column("id", UUID(as_uuid=True), server_default=sa.text("gen_random_uuid()"), primary_key=True),
        Column("place_id", Integer, ForeignKey("stock.place.id", ondelete="SET NULL", deferrable=True)),
        Column("product_id", sa.BigInteger, ForeignKey("public.product.id")),
        Column("kind", kind, nullable=False),
        Column("during", DATERANGE(), nullable=False),
        Column("data", sa.JSON().with_variant(JSONB(), "postgresql"), server_default=sa.text("'{}'")),
        ExcludeConstraint(("place_id", "="), ("during", "&&"), name="booking_overlap", using="gist", where=sa.text("kind = 'out'")),
        schema="stock",
    )
    with op.batch_alter_table("country", schema=None) as batch_op:
        batch_op.add_column(sa.Column("region", sa.String(length=30), nullable=True))
        batch_op.alter_column("name", existing_type=sa.String(80), type_=sa.String(120), nullable=True)
        batch_op.create_unique_constraint(batch_op.f("uq_country_name"), ["name"])
        batch_op.create_index(batch_op.f("ix_country_region"), ["region"], unique=False)
        batch_op.drop_column("rate")
    op.create_foreign_key("fk_line_place", "order_line", "place", ["amount"], ["id"], referent_schema="stock", postgresql_not_valid=True)
    op.drop_constraint("fk_line_place", "order_line", type_="foreignkey")
    op.rename_table("booking", "reservation", schema="stock")
    op.alter_column("place", "code", schema="stock", new_column_name="label")
    op.add_column("place", sa.Column("height", sa.REAL(), comment="in metres"), schema="stock")


def downgrade() -> None:
    op.rename_table("reservation", "booking", schema="stock")
    with op.batch_alter_table("country") as batch_op:
        batch_op.add_column(sa.Column("rate", sa.Numeric(4, 2), nullable=True))
        batch_op.drop_index(batch_op.f("ix_country_region"))
        batch_op.drop_constraint(batch_op.f("uq_country_name"), type_="unique")
        batch_op.alter_column("name", existing_type=sa.String(120), type_=sa.String(80), nullable=False)
        batch_op.drop_column("region")
    op.drop_table("booking", schema="stock")
    op.drop_table("place", schema="stock")
    kind.drop(op.get_bind(), checkfirst=False)
    op.execute("DROP SCHEMA stock")
