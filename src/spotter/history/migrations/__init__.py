"""The steps from an empty database to the newest one, run by Alembic when a database is opened."""
