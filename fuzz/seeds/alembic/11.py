"""billing: subscriptions

Revision ID: b2
Revises: 
Create Date: 2024-03-01 00:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "b2"
down_revision = "b1"
branch_labels = None
depends_on = ("core_0002",)


role = sa.Enum("admin", "user", name="role", schema="core")


def upgrade():
    op.create_table(
        "subscription",
        sa.Column("team_id", sa.SmallInteger(), sa.ForeignKey("core.team.id"), primary_key=True),
        sa.Column("plan", sa.String(10), sa.ForeignKey("plan.code", onupdate="CASCADE"), nullable=False),
        sa.Column("since", sa.TIMESTAMP(timezone=True), server_default=sa.func.current_timestamp(), nullable=False),
    )
    op.create_index("ix_since", "subscription", ["since"], unique=False)


def downgrade():
    op.drop_index("ix_since")
    op.drop_table("subscription")
