"""together from here

Revision ID: dd02
Revises: 
Create Date: 2023-05-07 08:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "dd02"
down_revision = "dd01"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("UPDATE contact SET mail = lower(mail)")
    op.alter_column("contact", "mail", existing_type=sa.String(200), nullable=False)


def downgrade():
    op.alter_column("contact", "mail", existing_type=sa.String(200), nullable=True)
