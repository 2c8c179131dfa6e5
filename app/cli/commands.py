"""What `flask` can do here.

Each command is loaded when somebody asks for it: neither a web process nor the worker carries what another command needs.
"""

import importlib

import click
from flask import Flask
from flask.cli import AppGroup

COMMANDS = ("serve", "work", "setup", "seed", "audit", "backup", "restore", "reconcile", "db", "label", "staff", "files")


class Commands(AppGroup):
    """The commands, by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Ours, and what an extension may have added."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The one of this name; None when there is none."""
        return load(cmd_name) if cmd_name in COMMANDS else super().get_command(ctx, cmd_name)


def install(app: Flask) -> None:
    """Add our commands to `flask`."""
    app.cli = Commands(app.name)


def load(name: str) -> click.Command:
    """The command of this name, from the module of its own."""
    found = importlib.import_module(f"app.cli.{name}").command
    assert isinstance(found, click.Command)  # noqa: S101 - narrows the type of a module's attribute
    return found
