"""rows and functions

Revision ID: 5e6f708192a3
Revises: 4d5e6f708192
Create Date: 2024-03-05 14:15:00.000000+00:00

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.sql import column, table

revision = "5e6f708192a3"
down_revision = "4d5e6f708192"
branch_labels = None
depends_on = None

VIEW = "active_customer"


def upgrade():
    country = op.create_table(
        "country",
        sa.Column("code", sa.CHAR(2), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("taxed", sa.Boolean(), nullable=False),
        sa.Column("rate", sa.Numeric(4, 2)),
    )
    op.bulk_insert(
        country,
        [
            {"code": "DE", "name": "Germany", "taxed": True, "rate": 19.5},
            {"code": "CI", "name": "Côte d'Ivoire", "taxed": False, "rate": None},
        ],
    )
    op.bulk_insert(table("country", column("code", sa.String), column("name", sa.String), column("taxed", sa.Boolean)), [{"name": "Chad", "code": "TD", "taxed": False}])
    op.execute(
        """
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            -- a comment; with a semicolon
            NEW.created_at := now();
            RETURN NEW;
        END
        $$
        """
    )
    op.execute("CREATE TRIGGER customer_touch BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION touch();")
    op.execute(f"CREATE VIEW {VIEW} AS SELECT id, email FROM customer WHERE active")
    op.execute(sa.text("UPDATE country SET name = 'T\\:chad' WHERE code = 'TD'"))


def downgrade():
    op.execute(f"DROP VIEW {VIEW}")
    op.execute("DROP TRIGGER customer_touch ON customer; DROP FUNCTION touch();")
    op.drop_table("country")
