"""PyTorch's checkpoints in our networks: the same answers as torchvision's own, and no code is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

import torch

from spotter.errors import ModelError, UsageError
from spotter.segmenter.architecture import architecture
from spotter.segmenter.coco_classes import COCO_CLASSES
from spotter.segmenter.network import build
from spotter.segmenter.weights import read_weights, start_from
from spotter.segmenter.weights_torchvision import read_checkpoint

from torchvision.models import detection, mobilenet_v3_large, resnet50  # isort: skip
from torchvision.models.detection.roi_heads import paste_masks_in_image  # isort: skip

SIDE = 128
RESNET = replace(architecture("resnet50-fpn-v2"), proposals_run=40)
MOBILE = architecture("mobilenetv3-large-fpn")


def saved(path: Path, network: Any) -> Path:
    torch.save(network.state_dict(), path)
    return path


def theirs() -> Any:
    """torchvision's network with weights by which it finds things of several classes."""
    torch.manual_seed(3)
    network = detection.maskrcnn_resnet50_fpn_v2(
        weights=None, weights_backbone=None, rpn_post_nms_top_n_test=40, rpn_pre_nms_top_n_test=40,
        min_size=SIDE, max_size=SIDE,
    )  # fmt: skip
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # else activations vanish in the deep layers
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
            torch.nn.init.uniform_(module.weight, 0.8, 1.2)
    return network.eval()


def make_undecided(network: Any, pixels: Any) -> None:
    """Set the classes' layer so that no class is likelier in all places than the others."""
    layer, seen = network.roi_heads.box_predictor.cls_score, []
    hook = layer.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with torch.no_grad():
        network(list(pixels / 255))
        features = seen[0]
        torch.nn.init.normal_(layer.weight)
        layer.weight *= 2 / (features - features.mean(0)).matmul(layer.weight.T).std()
        layer.bias.copy_(-layer.weight @ features.mean(0))
    hook.remove()


def test_coco_checkpoint_gives_what_torchvision_gives(tmp_path: Path) -> None:
    network = theirs()
    pixels = torch.randint(0, 256, (1, 3, SIDE, SIDE), generator=torch.Generator().manual_seed(1)).float()
    make_undecided(network, pixels)
    weights = read_weights(saved(tmp_path / "coco.pth", network))
    ours = build(RESNET, len(COCO_CLASSES)).eval()
    taken = start_from(ours, weights, COCO_CLASSES)
    assert taken.fresh == taken.unused == ()
    with torch.no_grad():
        wanted = network(list(pixels / 255))[0]
        found = ours(pixels)[0]
    assert len(wanted["labels"]) >= 5 and len(set(wanted["labels"].tolist())) >= 2
    assert found["labels"].tolist() == wanted["labels"].tolist()
    torch.testing.assert_close(found["boxes"], wanted["boxes"], atol=1e-2, rtol=0)
    torch.testing.assert_close(found["scores"], wanted["scores"], atol=1e-4, rtol=0)
    pasted = paste_masks_in_image(found["masks"], found["boxes"], (SIDE, SIDE))
    torch.testing.assert_close(pasted, wanted["masks"], atol=5e-3, rtol=0)


def test_other_classes_begin_with_new_last_layers(tmp_path: Path) -> None:
    network = theirs()
    weights = read_weights(saved(tmp_path / "coco.pth", network))
    assert weights.words["classes"] == list(COCO_CLASSES)
    ours = build(RESNET, 15)
    before = ours.roi_heads.box_predictor.cls_score.weight.clone()
    taken = start_from(ours, weights, [f"part {row}" for row in range(15)])
    assert taken.fresh == ("roi_heads.box_predictor", "roi_heads.mask_predictor.mask_fcn_logits")
    assert set(taken.taken) == {
        *("backbone.body", "backbone.fpn", "rpn.head"),
        *("roi_heads.box_head", "roi_heads.mask_head", "roi_heads.mask_predictor"),
    }
    assert torch.equal(ours.roi_heads.box_predictor.cls_score.weight, before)
    given = network.state_dict()
    for name, value in ours.state_dict().items():
        if not name.startswith(taken.fresh):
            assert torch.equal(value, given[name]), name
    assert taken.told(tmp_path / "coco.pth").startswith("from ")


def test_as_many_classes_of_other_names_are_other_classes(tmp_path: Path) -> None:
    weights = read_weights(saved(tmp_path / "coco.pth", build(RESNET, 90)))
    taken = start_from(build(RESNET, 90), weights, [f"thing {row}" for row in range(90)])
    assert "roi_heads.box_predictor" in taken.fresh
    assert start_from(build(RESNET, 90), weights, COCO_CLASSES).fresh == ()


@pytest.mark.parametrize(
    ("kind", "classifier", "unused"),
    [(RESNET, resnet50, ("fc",)), (MOBILE, mobilenet_v3_large, ("classifier.0", "classifier.3"))],
    ids=["resnet50", "mobilenet_v3_large"],
)
def test_classifier_gives_its_backbone(
    tmp_path: Path, kind: Any, classifier: Callable[..., Any], unused: tuple[str, ...]
) -> None:
    body = classifier(weights=None)
    weights = read_weights(saved(tmp_path / "imagenet.pth", body))
    ours = build(kind, 15)
    taken = start_from(ours, weights, ["a"] * 15)
    assert (taken.taken, taken.unused) == (("backbone.body",), unused)
    assert {"backbone.fpn", "rpn.head", "roi_heads.mask_head"} <= set(taken.fresh)
    given = body.state_dict()
    for name, value in ours.backbone.body.state_dict().items():
        theirs = given.get(name, given.get(f"features.{name}"))
        assert theirs is not None and torch.equal(value, theirs), name


def test_names_before_torchvision_0_13_and_of_several_gpus(tmp_path: Path) -> None:
    """As in fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth, saved by a script for several GPUs."""
    network = detection.fasterrcnn_mobilenet_v3_large_fpn(weights=None, weights_backbone=None)
    old = {}
    for name, value in network.state_dict().items():
        name = name.replace("rpn.head.conv.0.0.", "rpn.head.conv.")
        parts = name.split(".")
        if parts[1] == "fpn":
            name = ".".join([*parts[:4], parts[5]])
        old[f"module.{name}"] = value
    assert {"module.backbone.fpn.inner_blocks.1.bias", "module.rpn.head.conv.weight"} <= set(old)
    torch.save({"model": old, "epoch": 25}, tmp_path / "mobile.pth")
    taken = start_from(build(MOBILE, 90), read_weights(tmp_path / "mobile.pth"), COCO_CLASSES)
    assert taken.unused == ()
    assert taken.fresh == (
        "roi_heads.mask_head",
        "roi_heads.mask_predictor",
        "roi_heads.mask_predictor.mask_fcn_logits",
    )


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    state = dict(build(RESNET, 2).state_dict())
    change(state)
    return state


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            lambda: build(MOBILE, 2).state_dict(),
            r"the file has no backbone\.body\.conv1\.weight, 64 x 3 x 7 x 7",
        ),
        (
            lambda: build(architecture("parts"), 2).state_dict(),
            r"has no backbone\.body, which .* it has backbone",
        ),
        (
            lambda: changed(
                lambda s: s.update({"backbone.body.layer3.6.conv1.weight": torch.zeros(256, 1024, 1, 1)})
            ),
            r"has backbone\.body\.layer3\.6\.conv1\.weight, 256 x 1024 x 1 x 1, which this network has",
        ),
        (
            lambda: changed(lambda s: s.update({"rpn.head.cls_logits.bias": torch.zeros(15)})),
            r"rpn\.head\.cls_logits\.bias is 15 in the file, and 3 here",
        ),
        (
            lambda: changed(lambda s: s.__delitem__("backbone.fpn.inner_blocks.2.0.weight")),
            r"the file has no backbone\.fpn\.inner_blocks\.2\.0\.weight",
        ),
        (lambda: {"blocks.0.attn.qkv.weight": torch.zeros(3)}, r"has no backbone\.body, .* it has blocks\.0"),
    ],
    ids=["other backbone", "other pyramid", "ResNet-101", "other anchors", "not whole", "a transformer"],
)
def test_other_architecture_is_refused_and_nothing_taken(
    tmp_path: Path, state: Callable[[], dict[str, Any]], words: str
) -> None:
    torch.save(state(), tmp_path / "other.pth")
    network = build(RESNET, 2)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(ModelError, match=words) as raised:
        start_from(network, read_weights(tmp_path / "other.pth"), ["a", "b"])
    assert "other.pth" in str(raised.value)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


class Wicked:
    """Runs code when a pickle of it is read by the usual reader."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marker,)


def test_checkpoint_with_code_is_refused_and_the_code_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    torch.save({"conv1.weight": torch.zeros(2), "args": Wicked(marker)}, tmp_path / "wicked.pth")
    with pytest.raises(ModelError, match=r"holds more than weights \(\S+\): reading that could run code"):
        read_checkpoint(tmp_path / "wicked.pth")
    assert not marker.exists()
    torch.load(tmp_path / "wicked.pth", weights_only=False)
    assert marker.exists(), "the trap works"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no zip", b"\x80\x02}q\x00."], ids=str)
def test_damaged_and_foreign_files(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(ModelError, match=r"a\.pth"):
        read_checkpoint(tmp_path / "a.pth")


def test_half_a_checkpoint(tmp_path: Path) -> None:
    whole = saved(tmp_path / "a.pth", torch.nn.Linear(500, 500)).read_bytes()
    (tmp_path / "a.pth").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="damaged, cut short"):
        read_checkpoint(tmp_path / "a.pth")
    with pytest.raises(ModelError, match="there is no file"):
        read_checkpoint(tmp_path / "b.pth")


@pytest.mark.parametrize("content", [[1, 2], {"epoch": 3}, torch.zeros(3)], ids=["list", "numbers", "tensor"])
def test_checkpoint_without_weights(tmp_path: Path, content: Any) -> None:
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(ModelError, match=r"no weights by name; save them with: torch\.save"):
        read_checkpoint(tmp_path / "a.pth")


def test_other_ending(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"does not end with \.safetensors, \.h5, \.pth"):
        read_weights(tmp_path / "a.ckpt")
