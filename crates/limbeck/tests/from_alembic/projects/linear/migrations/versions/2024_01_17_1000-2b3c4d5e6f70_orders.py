"""orders, and "order" is a word of SQL

Revision ID: 2b3c4d5e6f70
Revises: 1a2b3c4d5e6f
Create Date: 2024-01-17 10:00:00.000000+00:00

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "2b3c4d5e6f70"
down_revision = "1a2b3c4d5e6f"
branch_labels = None
depends_on = None

PAYMENT = postgresql.ENUM("card", "invoice", name="payment", create_type=False)


def upgrade():
    PAYMENT.create(op.get_bind(), checkfirst=True)
    op.create_table(
        "order",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customer.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("payment", PAYMENT, nullable=False),
        sa.Column("placedAt", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("reference", sa.String(20), unique=True),
    )
    op.create_table(
        "order_line",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name="fk_line_order", ondelete="CASCADE", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], deferrable=True, initially="DEFERRED"),
        sa.PrimaryKeyConstraint("order_id", "product_id"),
    )


def downgrade():
    op.drop_table("order_line")
    op.drop_table("order")
    PAYMENT.drop(op.get_bind())
