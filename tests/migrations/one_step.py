"""One migration in a process of its own, which may be killed: `python -m tests.migrations.one_step upgrade 0003`.

The instance is named by the environment, as for the product's own commands. The word "begins" is printed when
everything is loaded and the first statement is about to be sent.
"""

import sys
from pathlib import Path

from alembic import command

from app import MIGRATIONS, create_app

REHEARSED = Path(__file__).parent / "rehearsed"


def main(direction: str, revision: str) -> None:
    """Go there."""
    app = create_app()
    with app.app_context():
        config = app.extensions["migrate"].migrate.get_config()
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", f"{MIGRATIONS / 'versions'}\n{REHEARSED}")
        sys.stdout.write("begins\n")
        sys.stdout.flush()
        getattr(command, direction)(config, revision)


if __name__ == "__main__":
    main(*sys.argv[1:])
