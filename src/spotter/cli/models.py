"""``spotter models``: which model files there are, fetching them, checking them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from spotter.models.store import ModelStore

app = typer.Typer(help="The model files that Spotter works with.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(help="Models; all if none is named.", show_default=False)]


@app.command("list")
def list_command() -> None:
    """List the models: what each is for, its size, licence and state on this machine."""
    from spotter.models.store import ModelStore

    store = ModelStore()
    width = max(len(name) for name in store.cards)
    for name, card in store.cards.items():
        size = sum(file.size for file in card.files) / 1e6
        typer.echo(
            f"{name:{width}}  {store.status(name).state:8} {size:5.1f} MB  {card.licence}  {card.task}"
        )


@app.command("pull")
def pull_command(names: Names = None) -> None:
    """Fetch models that are not on this machine yet, and check them."""
    from spotter.models.store import ModelStore

    store = ModelStore()
    for name in _chosen(store, names):
        typer.echo(f"{name}: {store.pull(name)}")


@app.command("verify")
def verify_command(names: Names = None) -> None:
    """Check the SHA-256 of the models on this machine."""
    from spotter.models.store import ModelStore

    store = ModelStore()
    for name in _chosen(store, names):
        store.verify(name)
        typer.echo(f"{name}: right")


def _chosen(store: ModelStore, names: list[str] | None) -> list[str]:
    return names or list(store.cards)
