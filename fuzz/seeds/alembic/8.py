"""billing: plans

Revision ID: b1
Revises: 
Create Date: 2022-03-01 00:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "b1"
down_revision = None
branch_labels = ["billing"]
depends_on = "core_0001"


def upgrade():
    op.create_table("plan", sa.Column("code", sa.String(10), primary_key=True), sa.Column("cents", sa.Integer(), nullable=False))
    op.bulk_insert(
        sa.table("plan", sa.column("code", sa.String), sa.column("cents", sa.Integer)),
        [{"code": "free", "cents": 0}, {"code": "pro", "cents": 990}],
    )


def downgrade():
    op.drop_table("plan")
