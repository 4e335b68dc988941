"""core: people

Revision ID: core_0001
Revises: 
Create Date: 2022-01-01 00:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = "core_0001"
down_revision = None
branch_labels = ("core",)
depends_on = None


def upgrade():
    op.execute("CREATE SCHEMA core")
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("role", sa.Enum("admin", "user", name="role", schema="core"), server_default="user", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="core",
    )


def downgrade():
    op.drop_table("person", schema="core")
    op.execute("DROP TYPE core.role")
    op.execute("DROP SCHEMA core")
