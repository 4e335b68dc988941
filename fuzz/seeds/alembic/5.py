"""the crm begins

Revision ID: cc01
Revises: 
Create Date: 2023-05-02 08:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "cc01"
down_revision = "aa01"
branch_labels = "crm"
depends_on = None


def upgrade():
    op.create_table("contact", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("mail", sa.String(200)))
    op.create_index("ix_contact_mail", "contact", ["mail"])


def downgrade():
    op.drop_index("ix_contact_mail", "contact")
    op.drop_table("contact")
