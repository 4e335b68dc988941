"""the beginning

Revision ID: aa01
Revises: 
Create Date: 2023-05-01 08:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "aa01"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("account", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text(), nullable=False))


def downgrade():
    op.drop_table("account")
