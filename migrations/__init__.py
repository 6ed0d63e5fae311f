"""The database's revisions, by Alembic. `practiceweek db upgrade` runs them; `migrations/versions` holds one file each."""
