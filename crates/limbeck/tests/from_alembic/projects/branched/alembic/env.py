import os

from alembic import context
from sqlalchemy import create_engine, text

URL = os.environ.get("ALEMBIC_TEST_URL", "postgresql+psycopg://")


def run_migrations_offline() -> None:
    context.configure(
        dialect_name="postgresql",
        literal_binds=True,
        version_table="applied",
        version_table_schema="ops",
        dialect_opts={"paramstyle": "named"},
        
    )
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    with create_engine(URL).connect() as connection:
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS ops"))
        connection.commit()
        context.configure(connection=connection, version_table="applied", version_table_schema="ops")
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
