"""The flask commands, one file each. Each opens a unit of work and calls the same functions as the doors."""

from flask import Flask

from app.commands.backup import backup, restore
from app.commands.demo import demo
from app.commands.figures import figures
from app.commands.generate import generate
from app.commands.import_people import import_people
from app.commands.init import init
from app.commands.keys import rotate_keys
from app.commands.move import move_to_postgresql
from app.commands.system_admin import create_system_admin
from app.commands.verify import verify
from app.commands.wechat import wechat_menu
from app.commands.worker import worker

COMMANDS = (
    init, worker, demo, generate, figures, import_people, verify, backup, restore, rotate_keys, create_system_admin,
    move_to_postgresql, wechat_menu,
)  # fmt: skip


def register_commands(app: Flask) -> None:
    """Add the commands to ``app``."""
    for command in COMMANDS:
        app.cli.add_command(command)
