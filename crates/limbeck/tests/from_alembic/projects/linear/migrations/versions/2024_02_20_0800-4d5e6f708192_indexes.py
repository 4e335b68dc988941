"""indexes

Revision ID: 4d5e6f708192
Revises: 3c4d5e6f7081
Create Date: 2024-02-20 08:00:00.000000+00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "4d5e6f708192"
down_revision = "3c4d5e6f7081"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_customer_lower_email", "customer", [sa.text("lower(email)")], unique=True)
    op.create_index(
        "ix_customer_active", "customer", ["active", sa.text("created_at DESC")], postgresql_where=sa.text("active AND points > 10")
    )
    op.create_index("ix_customer_tags", "customer", ["tags"], postgresql_using="gin")
    op.create_index("ix_product_title", "product", ["title"], postgresql_ops={"title": "text_pattern_ops"}, postgresql_include=["price"])
    op.create_index("ix_order_placed", "order", ["placedAt"], postgresql_with={"fillfactor": 70})
    with op.get_context().autocommit_block():
        op.create_index("ix_order_payment", "order", ["payment"], postgresql_concurrently=True, if_not_exists=True)
        op.execute("ALTER TYPE payment ADD VALUE IF NOT EXISTS 'cash' BEFORE 'invoice'")
    op.execute("COMMENT ON INDEX ix_order_payment IS 'made without a lock'")


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index("ix_order_payment", table_name="order", postgresql_concurrently=True, if_exists=True)
    op.drop_index("ix_order_placed", table_name="order", postgresql_with={"fillfactor": 70})
    op.drop_index("ix_product_title", table_name="product")
    op.drop_index("ix_customer_tags", table_name="customer", postgresql_using="gin")
    op.drop_index("ix_customer_active", table_name="customer", postgresql_where=sa.text("active AND points > 10"))
    op.drop_index("ix_customer_lower_email", table_name="customer")
