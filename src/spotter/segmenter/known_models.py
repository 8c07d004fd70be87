"""The segmenters that the registry names: fetched, made into folders that run, and found again."""

from __future__ import annotations

from pathlib import Path

from spotter.errors import MissingExtraError, ModelError
from spotter.models.model_toml import FILE_NAME
from spotter.models.store import ModelStore
from spotter.models.wheel import Progress
from spotter.segmenter.card import NETWORK_FILE


def known_model(name: str, store: ModelStore | None = None, progress: Progress | None = None) -> Path:
    """The folder of a segmenter that the registry names, such as ``"maskrcnn-coco"``.

    Where it is not there yet its weights are fetched, their SHA-256 is checked, and the folder is made of
    them. That needs PyTorch, once; running the model does not.

    Args:
        name: in the registry.
        store: where models are kept; the user's if None.
        progress: called with the bytes that have come and the bytes that there will be, if it is fetched.

    Raises:
        ModelError: if there is no such segmenter, or its file is damaged or of another network.
        ModelDownloadError: if it cannot be fetched.
        MissingExtraError: if it is fetched, but PyTorch, torchvision or onnx is not installed to convert it.
        OutputError: if the folder cannot be written.

    Example::

        Segmenter.open(known_model("maskrcnn-coco"))
    """
    store = store or ModelStore()
    card = store.card(name)
    if card.network is None:
        names = ", ".join(card.name for card in store.cards.values() if card.network is not None)
        raise ModelError(f"the model {name} is no segmenter; there are: {names}")
    folder = store.folder / name
    if (folder / FILE_NAME).is_file() and (folder / NETWORK_FILE).is_file():
        return folder
    weights = store.pull(name, progress)
    try:
        from spotter.segmenter.weights_folder import make_folder

        make_folder(weights, folder, card)
    except MissingExtraError as error:
        raise MissingExtraError(
            f"{weights} is here, but it takes PyTorch to make a model of it that runs without ({error}). "
            f"Install it with: pip install 'spotter-coach[export]'; then: spotter models pull {name}"
        ) from error
    return folder
