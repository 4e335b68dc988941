"""billing begins

Revision ID: bb01
Revises: 
Create Date: 2023-05-03 08:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "bb01"
down_revision = "aa01"
branch_labels = ("billing",)
depends_on = None


def upgrade():
    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.ForeignKey("account.id"), type_=sa.Integer(), nullable=False),
        sa.Column("total", sa.DECIMAL(10, 2), server_default=sa.text("0")),
    )


def downgrade():
    op.drop_table("invoice")
