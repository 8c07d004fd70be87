"""``spotter models``: which model files there are, fetching them, checking them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from spotter.models.card import ModelCard
    from spotter.models.store import ModelStore
    from spotter.models.wheel import Progress

app = typer.Typer(help="The model files that Spotter works with.", no_args_is_help=True)

Names = Annotated[
    list[str] | None,
    typer.Argument(help="Models; if none is named, all that an analysis works with.", show_default=False),
]


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
        typer.echo(f"{name}: {_pulled(store, store.card(name))}")


@app.command("verify")
def verify_command(names: Names = None) -> None:
    """Check the SHA-256 of the models on this machine."""
    from spotter.models.store import ModelStore

    store = ModelStore()
    for name in _chosen(store, names):
        store.verify(name)
        typer.echo(f"{name}: right")


def _chosen(store: ModelStore, names: list[str] | None) -> list[str]:
    return names or [name for name, card in store.cards.items() if card.wheel and card.wheel.shipped]


def _pulled(store: ModelStore, card: ModelCard) -> Path:
    """What to load, fetched if it is not here: a file, or of a segmenter its folder."""
    if card.network is None:
        return store.pull(card.name, _tell_tenths(card.name))
    from spotter.segmenter.known_models import known_model

    return known_model(card.name, store, _tell_tenths(card.name))


def _tell_tenths(name: str) -> Progress:
    """Tells on standard error how far fetching is, at every tenth."""
    told = 0

    def tell(come: int, size: int) -> None:
        nonlocal told
        if come * 10 // size > told:
            told = come * 10 // size
            typer.echo(f"{name}: {told * 10} % of {size / 1e6:.1f} MB", err=True)

    return tell
