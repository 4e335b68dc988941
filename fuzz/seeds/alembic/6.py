"""contacts have invoices

Revision ID: cc02
Revises: 
Create Date: 2023-05-04 08:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "cc02"
down_revision = "cc01"
branch_labels = None
depends_on = "bb01"


def upgrade():
    op.add_column("contact", sa.Column("invoice_id", sa.Integer(), sa.ForeignKey("invoice.id", name="fk_contact_invoice")))


def downgrade():
    op.drop_constraint("fk_contact_invoice", "contact", type_="foreignkey")
    op.drop_column("contact", "invoice_id")
