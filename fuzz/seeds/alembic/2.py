"""invoices are paid

Revision ID: bb02
Revises: 
Create Date: 2023-05-05 08:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "bb02"
down_revision = "bb01"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("invoice", sa.Column("paid", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade():
    op.drop_column("invoice", "paid")
