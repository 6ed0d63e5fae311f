"""Revisions are read without Alembic, and are what Alembic reads."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import migrations
from domain.engines import writing_engine
from practiceweek.database import heads, revisions


def test_they_are_what_alembic_reads() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert heads.known() == {script.revision: script.down_revision for script in scripts.walk_revisions()}
    assert heads.newest() == scripts.get_current_head()


def test_a_database_says_the_same_to_both(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'practiceweek.sqlite'}"
    engine = writing_engine(url)
    said = []
    for prepare in (lambda: None, lambda: revisions.upgrade(url)):
        prepare()
        with engine.begin() as connection:
            said.append((heads.present(connection), MigrationContext.configure(connection).get_current_revision()))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        said.append((heads.present(connection), MigrationContext.configure(connection).get_current_revision()))
    engine.dispose()
    assert said == [(None, None), (heads.newest(), heads.newest()), (None, None)]
