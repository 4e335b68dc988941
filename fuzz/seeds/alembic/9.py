"""core: teams

Revision ID: core_0002
Revises: 
Create Date: 2022-02-01 00:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "core_0002"
down_revision = "core_0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "team",
        sa.Column("id", sa.SmallInteger(), primary_key=True),
        sa.Column("lead_id", sa.BigInteger(), sa.ForeignKey("core.person.id", ondelete="RESTRICT")),
        sa.UniqueConstraint("lead_id", name="one_lead", deferrable=True, initially="DEFERRED"),
        schema="core",
    )


def downgrade():
    op.drop_table("team", schema="core")
