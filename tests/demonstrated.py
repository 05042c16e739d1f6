"""The demonstration province in a test's database: built once per process, put back after that."""

import shutil

from app.demonstration.build import build
from app.kernel.work import Work
from tests.database import Database

CONTENT = "demonstration"


def demonstrated(work: Work, database: Database) -> None:
    """Fill the database and the folder of uploads. No connection of the app may be open."""
    uploads, kept = work.settings.files_dir, work.settings.instance_dir.with_name("demonstration-files")
    if database.keeps(CONTENT):
        database.restore(CONTENT)
        shutil.copytree(kept, uploads, dirs_exist_ok=True)
    else:
        build(work)
        database.save(CONTENT)
        shutil.copytree(uploads, kept, dirs_exist_ok=True)
