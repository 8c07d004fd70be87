"""``spotter settings``: what is set once for all commands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

app = typer.Typer(help="What is set once for all commands; options of a command win.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A setting, such as height_cm; see spotter settings show.")]


@app.command("show")
def show_command() -> None:
    """List all settings, and what those that are not set may be."""
    from dataclasses import asdict

    from spotter.settings import Settings, allowed_values, given_settings

    given = given_settings()
    usual = asdict(Settings())
    for name, allowed in allowed_values().items():
        if name in given:
            typer.echo(f"{name:<12} {_shown(given[name])}")
        else:
            typer.echo(f"{name:<12} {_shown(usual[name]):<12} (not set; {allowed})")


@app.command("set")
def set_command(
    name: Name,
    value: Annotated[str, typer.Argument(help="What it is to be; folders may be given from here.")],
) -> None:
    """Set one; comments in the file stay."""
    from spotter.settings import change_setting

    typer.echo(f"{name} is {_shown(change_setting(name, value))}", err=True)


@app.command("unset")
def unset_command(name: Name) -> None:
    """Take one out of the file, so that it is as usual again."""
    from spotter.settings import remove_setting

    typer.echo(f"{name} {'is' if remove_setting(name) else 'was'} not set", err=True)


@app.command("path")
def path_command() -> None:
    """Print where the file is, or would be; SPOTTER_CONFIG names another one."""
    from spotter.settings import settings_file

    typer.echo(settings_file())


def _shown(value: Any) -> str:
    from spotter.settings import without_password

    if value is None:
        return "-"
    return str(value).lower() if isinstance(value, bool) else without_password(str(value))
