"""columns change

Revision ID: 3c4d5e6f7081
Revises: 2b3c4d5e6f70
Create Date: 2024-02-01 11:30:00.000000+00:00

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "3c4d5e6f7081"
down_revision = "2b3c4d5e6f70"
branch_labels = None
depends_on = None

TABLE = "customer"


def upgrade():
    op.add_column(TABLE, sa.Column("phone", sa.String(length=30), nullable=True, comment="with its country's code"))
    op.add_column("customer", sa.Column("level", sa.SmallInteger(), sa.CheckConstraint("level > 0"), server_default="1", nullable=False))
    op.add_column("customer", sa.Column("referrer_id", sa.Integer(), sa.ForeignKey("customer.id"), nullable=True))
    op.alter_column("customer", "name", new_column_name="full_name", existing_type=sa.Unicode(120), existing_nullable=True)
    op.alter_column("customer", "points", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False)
    op.alter_column(
        "order", "note",
        existing_type=sa.String(),
        type_=postgresql.JSONB(),
        postgresql_using="to_jsonb(note)",
        nullable=False,
        server_default=sa.text("'{}'::jsonb"),
        comment="free text once",
    )
    op.alter_column("product", "title", existing_type=sa.TEXT(), nullable=True, server_default=None)
    op.alter_column("customer", "active", server_default=None)
    op.create_unique_constraint("uq_customer_phone", "customer", ["phone"])
    op.create_check_constraint("ck_customer_email", "customer", "email LIKE '%@%'")
    op.create_table_comment("order", "what is bought", existing_comment=None)


def downgrade():
    op.drop_table_comment("order", existing_comment="what is bought")
    op.drop_constraint("ck_customer_email", "customer", type_="check")
    op.drop_constraint("uq_customer_phone", "customer")
    op.alter_column("customer", "active", server_default=sa.text("true"))
    op.alter_column("product", "title", existing_type=sa.TEXT(), nullable=False)
    op.alter_column(
        "order", "note", existing_type=postgresql.JSONB(), server_default=None, comment=None, existing_comment="free text once",
    )
    op.alter_column("order", "note", existing_type=postgresql.JSONB(), type_=sa.String(), postgresql_using="note::text", nullable=True)
    op.alter_column("customer", "points", existing_type=sa.BigInteger(), type_=sa.Integer(), existing_nullable=False)
    op.alter_column("customer", "full_name", new_column_name="name")
    op.drop_column("customer", "referrer_id")
    op.drop_column("customer", "level")
    op.drop_column("customer", "phone")
