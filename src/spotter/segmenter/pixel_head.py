"""A second task while training: what each pixel is, read off the feature maps that the boxes are pooled from.

Boxes and masks teach the maps through a few proposals a picture; every pixel teaches them directly, so that
a small network learns the parts from far fewer pictures (the idea of Chen et al. 2019, arXiv:1901.07518).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spotter.recognizer.pytorch import nn, torch

_LEVELS = 3  # maps that take part
_SOMETHING = -2  # a thing is here, and nobody marked of which class exactly
_IGNORED = -1
_CLEAR = 1e-6  # the least probability that is taken a logarithm of


class PixelHead(nn.Module):
    """Logits of the classes at every place of the finest maps; no part of the network that is run.

    Args:
        channels: of the maps.
        outputs: classes with the background, which is number 0.
    """

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList(nn.Conv2d(channels, outputs, 1) for _ in range(_LEVELS))

    def forward(
        self, maps: Mapping[str, torch.Tensor], targets: Sequence[Mapping[str, torch.Tensor]], side: int
    ) -> torch.Tensor:
        """The mean over the maps of their loss.

        Args:
            maps: float32 (pictures, channels, height, width) by name, the finest first.
            targets: as `spotter.segmenter.rcnn.Target`.
            side: of the pictures in pixels.
        """
        losses = []
        for layer, here in zip(self.levels, maps.values(), strict=False):
            wanted = torch.stack([pixel_labels(target, side, here.shape[-1]) for target in targets])
            losses.append(pixel_loss(layer(here).float(), wanted))
        return torch.stack(losses).mean()


def pixel_labels(target: Mapping[str, torch.Tensor], side: int, places: int) -> torch.Tensor:
    """The class at each place of a map, int64 (places, places).

    Where things overlap it is the smallest one's: a hand's, not that of its person. Inside unsure boxes
    nothing is said of what looks like background, and of a thing no more than that it is one.

    Args:
        target: as `spotter.segmenter.rcnn.Target`.
        side: of the picture in pixels.
        places: of the map, along one side.

    >>> mask = torch.zeros(1, 4, 4, dtype=torch.uint8); mask[0, 1, 1] = 1
    >>> target = {"masks": mask, "labels": torch.tensor([3]), "has_mask": torch.tensor([True]),
    ...           "boxes": torch.tensor([[1.0, 1, 2, 2]]), "unsure": torch.zeros(0, 4)}
    >>> pixel_labels(target, 4, 4).tolist()
    [[0, 0, 0, 0], [0, 3, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    """
    device = target["labels"].device
    centres = ((torch.arange(places, device=device) + 0.5) * side / places).long()
    masks = target["masks"][:, centres][:, :, centres] > 0
    found = torch.zeros(places, places, dtype=torch.int64, device=device)
    areas = (target["boxes"][:, 2:] - target["boxes"][:, :2]).prod(-1)
    for row in areas.argsort(descending=True).tolist():
        if bool(target["has_mask"][row]):
            found[masks[row]] = target["labels"][row]
    unknown = [*target["unsure"], *target["boxes"][~target["has_mask"]]]
    x, y = centres[None, :], centres[:, None]
    for left, top, right, bottom in unknown:
        inside = (x >= left) & (x < right) & (y >= top) & (y < bottom)
        found[inside] = torch.where(found[inside] > 0, _SOMETHING, _IGNORED)
    return found


def pixel_loss(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Cross entropy, background and things of equal weight.

    Args:
        logits: float32 (pictures, outputs, height, width).
        wanted: int64 (pictures, height, width), of `pixel_labels`.
    """
    logarithms = logits.log_softmax(1)
    of_class = -logarithms.gather(1, wanted.clamp(min=0)[:, None])[:, 0]
    of_anything = -(1 - logarithms[:, 0].exp()).clamp(min=_CLEAR).log()
    of_pixel = torch.where(wanted == _SOMETHING, of_anything, of_class)
    groups = [of_pixel[wanted == 0], of_pixel[(wanted > 0) | (wanted == _SOMETHING)]]
    known = [group.mean() for group in groups if len(group)]
    nothing: torch.Tensor = logits.sum() * 0  # several processes want the same layers to take part in each
    return torch.stack(known).mean() if known else nothing
