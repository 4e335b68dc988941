"""billing and crm meet

Revision ID: dd01
Revises: 
Create Date: 2023-05-06 08:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "dd01"
down_revision = ("bb02", "cc02")
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
