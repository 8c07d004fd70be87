"""``spotter serve``: the page and the API, on this machine alone unless the network was let in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from spotter.serve.config import Config

Port = Annotated[
    int | None,
    typer.Option(
        min=0, max=65535, help="Port to listen on; 8765 or the next free one if not said.", show_default=False
    ),
]
Database = Annotated[
    str | None,
    typer.Option(
        help="Where sessions are kept: a SQLite file, or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
        show_default=False,
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder for uploads and results, and for the sessions unless --database says where.",
        show_default=False,
    ),
]


def serve_command(
    port: Port = None,
    lan: Annotated[
        bool,
        typer.Option(
            "--lan", help="Let phones of this network in too: HTTPS, and a QR code that lets one device in."
        ),
    ] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    database: Database = None,
    data: Data = None,
    recognizer: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder of a model of spotter recognizer train, for the page's second tab; may be repeated.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Open the live coach in the browser: no account, no cloud, no picture leaves this machine.

    Other programs use the same server by its API, described at /docs. Stop it with Ctrl-C.
    """
    from spotter.recognizer.card import read_card

    for folder in recognizer or []:
        read_card(folder)
    run_server(port, database, data, page=None if no_browser else "", recognizers=recognizer or (), lan=lan)


def run_server(
    port: int | None,
    database: str | None,
    data: Path | None,
    *,
    page: str | None,
    recognizers: Sequence[Path] = (),
    lan: bool = False,
) -> None:
    """Serve until Ctrl-C.

    Args:
        port: to listen on; the usual one or the next free one if None.
        database: where sessions are kept.
        data: folder for everything else, and for the sessions where no database is named.
        page: what to open in the browser, after the address; nothing is opened if None.
        recognizers: folders of trained models.
        lan: let the network in; no browser is opened then.
    """
    from spotter.serve.config import PORT, Config, own_folder

    if data is not None and database is None:
        database = str(data / "history.db")
    config = Config(
        port=PORT if port is None else port,
        data=own_folder() if data is None else data,
        database=database,
        recognizers=tuple(recognizers),
    )
    if lan:
        from spotter.cli.serve_lan import serve_lan

        serve_lan(config, or_next=port is None)
    else:
        _serve_here(config, page, or_next=port is None)
    typer.echo("spotter: stopped; sessions that went on are kept", err=True)


def _serve_here(config: Config, page: str | None, or_next: bool) -> None:
    """Serve this machine alone."""
    from spotter.serve.server import listen, serve

    listener = listen(config, or_next=or_next)

    def on_ready(address: str) -> None:
        typer.echo(f"Spotter is at {address} (stop it with Ctrl-C)", err=True)
        if page is not None:
            _open_browser(address + page)

    serve(config, listener=listener, on_ready=on_ready)


def _open_browser(address: str) -> None:
    """Open a page, where there is a display to open it on; a browser of the terminal would take it over."""
    import os
    import sys
    import threading
    import webbrowser

    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not has_display:
        typer.echo("there is no display to open a browser on; open the address yourself", err=True)
        return
    threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()
