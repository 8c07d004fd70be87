"""What Matterport's Mask R-CNN computes, written down once more in plain NumPy, channels last, box by box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.segmenter.keras_files import Weights

Array = NDArray[Any]
MEAN = (123.7, 116.8, 103.9)
SPREAD = np.array([0.1, 0.1, 0.2, 0.2])


def convolution(x: Array, layer: dict[str, Array], stride: int = 1, padding: str = "same") -> Array:
    """Keras' Conv2D of x (height, width, in) with a kernel (h, w, in, out)."""
    kernel, bias = layer["kernel"], layer["bias"]
    x, (rows, columns) = bordered(x, kernel.shape[:2], stride, padding, 0.0)
    out = np.zeros((rows, columns, kernel.shape[3])) + bias
    for y, z in product(range(kernel.shape[0]), range(kernel.shape[1])):
        seen = x[y : y + (rows - 1) * stride + 1 : stride, z : z + (columns - 1) * stride + 1 : stride]
        out += seen @ kernel[y, z]
    return out


def bordered(
    x: Array, kernel: tuple[int, ...], stride: int, padding: str, value: float
) -> tuple[Array, tuple[int, int]]:
    """TensorFlow's padding, and how many places the kernel has then."""
    if padding == "valid":
        return x, tuple((x.shape[axis] - kernel[axis]) // stride + 1 for axis in (0, 1))  # type: ignore[return-value]
    places = [math.ceil(x.shape[axis] / stride) for axis in (0, 1)]
    needed = [max((places[axis] - 1) * stride + kernel[axis] - x.shape[axis], 0) for axis in (0, 1)]
    border = [(one // 2, one - one // 2) for one in needed]
    return np.pad(x, [*border, (0, 0)], constant_values=value), (places[0], places[1])


def pooling(x: Array) -> Array:
    """Keras' MaxPooling2D((3, 3), strides=(2, 2), padding="same")."""
    x, (rows, columns) = bordered(x, (3, 3), 2, "same", -np.inf)
    return np.array(
        [
            [x[2 * row : 2 * row + 3, 2 * column : 2 * column + 3].max((0, 1)) for column in range(columns)]
            for row in range(rows)
        ]
    )


def norm(x: Array, layer: dict[str, Array]) -> Array:
    """Keras' BatchNormalization while predicting, with its usual epsilon."""
    scale = layer["gamma"] / np.sqrt(layer["moving_variance"] + 0.001)
    return (x - layer["moving_mean"]) * scale + layer["beta"]


def deconvolution(x: Array, layer: dict[str, Array]) -> Array:
    """Keras' Conv2DTranspose of stride 2 with a kernel (2, 2, out, in): of each place come four."""
    out = np.zeros((x.shape[0] * 2, x.shape[1] * 2, layer["kernel"].shape[2]))
    for row, column, y, z in product(range(x.shape[0]), range(x.shape[1]), (0, 1), (0, 1)):
        out[2 * row + y, 2 * column + z] = layer["kernel"][y, z] @ x[row, column] + layer["bias"]
    return out


def dense(x: Array, layer: dict[str, Array]) -> Array:
    return x @ layer["kernel"] + layer["bias"]


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def softmax(x: Array) -> Array:
    risen = np.exp(x - x.max(-1, keepdims=True))
    return risen / risen.sum(-1, keepdims=True)


def crop_and_resize(x: Array, box: Array, cells: int) -> Array:
    """TensorFlow's, of one box: y1, x1, y2, x2; points outside the map are 0."""
    out = np.zeros((cells, cells, x.shape[2]))
    last = np.array(x.shape[:2]) - 1
    for row, column in product(range(cells), range(cells)):
        share = np.array([row, column]) / (cells - 1)
        at = (box[:2] + (box[2:] - box[:2]) * share) * last
        if (at < 0).any() or (at > last).any():
            continue
        (top, left), (bottom, right) = np.floor(at).astype(int), np.ceil(at).astype(int)
        y, z = at - np.floor(at)
        upper = x[top, left] * (1 - z) + x[top, right] * z
        lower = x[bottom, left] * (1 - z) + x[bottom, right] * z
        out[row, column] = upper * (1 - y) + lower * y
    return out


def features(pixels: Array, weights: Weights, blocks: tuple[int, ...]) -> list[Array]:
    """P2 to P6 of a square (side, side, 3)."""
    x = np.pad(pixels, ((3, 3), (3, 3), (0, 0)))
    x = pooling(relu(norm(convolution(x, weights["conv1"], 2, "valid"), weights["bn_conv1"])))
    stages = []
    for stage, count in enumerate(blocks, start=2):
        for letter in "abcdefg"[:count]:
            stride = 2 if letter == "a" and stage > 2 else 1
            name, y = f"{stage}{letter}_branch", x
            y = relu(norm(convolution(y, weights[f"res{name}2a"], stride, "valid"), weights[f"bn{name}2a"]))
            y = relu(norm(convolution(y, weights[f"res{name}2b"]), weights[f"bn{name}2b"]))
            y = norm(convolution(y, weights[f"res{name}2c"]), weights[f"bn{name}2c"])
            if letter == "a":
                x = norm(convolution(x, weights[f"res{name}1"], stride, "valid"), weights[f"bn{name}1"])
            x = relu(x + y)
        stages.append(x)
    merged = [convolution(stages[3], weights["fpn_c5p5"])]
    for stage in (4, 3, 2):
        finer = merged[0].repeat(2, 0).repeat(2, 1)
        merged.insert(0, finer + convolution(stages[stage - 2], weights[f"fpn_c{stage}p{stage}"]))
    maps = [convolution(one, weights[f"fpn_p{stage}"]) for stage, one in enumerate(merged, start=2)]
    return [*maps, maps[-1][::2, ::2]]


def anchors(maps: list[Array], side: int, lengths: Sequence[int]) -> Array:
    """Matterport's pyramid of anchors, normalised."""
    boxes = []
    for one, length in zip(maps, lengths, strict=True):
        stride = side / one.shape[0]
        for row, column, ratio in product(range(one.shape[0]), range(one.shape[1]), (0.5, 1.0, 2.0)):
            height, width = length / math.sqrt(ratio), length * math.sqrt(ratio)
            y, x = row * stride, column * stride
            boxes.append([y - height / 2, x - width / 2, y + height / 2 - 1, x + width / 2 - 1])
    return np.array(boxes) / (side - 1)


def moved(box: Array, move: Array) -> Array:
    move = move * SPREAD
    size = box[2:] - box[:2]
    middle = box[:2] + size / 2 + move[:2] * size
    size = size * np.exp(move[2:])
    return np.concatenate([middle - size / 2, middle + size / 2])


def suppressed(boxes: Array, scores: Array, overlap: float, most: int) -> list[int]:
    """Greedy non-maximum suppression: rows that stay, the surest first."""
    kept: list[int] = []
    for row in np.argsort(-scores, kind="stable").tolist():
        if len(kept) < most and all(iou(boxes[row], boxes[other]) <= overlap for other in kept):
            kept.append(row)
    return kept


def iou(one: Array, other: Array) -> float:
    shared = (np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])).clip(0).prod()
    both = (one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod() - shared
    return float(shared / both) if both > 0 else 0.0


def pooled(maps: list[Array], box: Array, side: int, cells: int) -> Array:
    """The pyramid's ROIAlign of one box."""
    area = (box[2:] - box[:2]).prod()
    level = int(np.round(math.log2(math.sqrt(area) / (224 / side)))) if area > 0 else -9
    return crop_and_resize(maps[min(5, max(2, 4 + level)) - 2], box, cells)


def detect(
    square: Array,
    window: Array,
    weights: Weights,
    blocks: tuple[int, ...],
    lengths: Sequence[int],
    candidates: int,
    most: int,
) -> list[tuple[Array, int, float, Array]]:
    """Boxes in the square (normalised), classes, scores and masks; scores from 0.05 on."""
    side = len(square)
    maps = features(square - np.array(MEAN), weights, blocks)
    shared = [relu(convolution(one, weights["rpn_conv_shared"])) for one in maps]
    raw = [convolution(one, weights["rpn_class_raw"]).reshape(-1, 2) for one in shared]
    likely = softmax(np.concatenate(raw))[:, 1]
    moves = np.concatenate([convolution(one, weights["rpn_bbox_pred"]).reshape(-1, 4) for one in shared])
    places = anchors(maps, side, lengths)
    surest = np.argsort(-likely, kind="stable")[:candidates]
    boxes = np.array([moved(places[row], moves[row]) for row in surest]).clip(0, 1)
    boxes = boxes[suppressed(boxes, likely[surest], 0.7, most)]
    found = []
    for box in boxes:
        x = pooled(maps, box, side, 7)
        x = relu(norm(convolution(x, weights["mrcnn_class_conv1"], 1, "valid"), weights["mrcnn_class_bn1"]))
        x = relu(norm(convolution(x, weights["mrcnn_class_conv2"], 1, "valid"), weights["mrcnn_class_bn2"]))
        scores = softmax(dense(x[0, 0], weights["mrcnn_class_logits"]))
        label = int(scores.argmax())
        move = dense(x[0, 0], weights["mrcnn_bbox_fc"]).reshape(-1, 4)[label]
        box = np.clip(moved(box, move), window[[0, 1, 0, 1]], window[[2, 3, 2, 3]])
        if label and scores[label] >= 0.05 and (box[2:] > box[:2]).all():
            found.append((box, label, float(scores[label])))
    kept = []
    for label in {label for _, label, _ in found}:
        of_it = [one for one in found if one[1] == label]
        rows = suppressed(np.array([one[0] for one in of_it]), np.array([one[2] for one in of_it]), 0.3, 100)
        kept += [of_it[row] for row in rows]
    kept.sort(key=lambda one: -one[2])
    return [(*one, mask(maps, one[0], one[1], side, weights)) for one in kept[:100]]


def mask(maps: list[Array], box: Array, label: int, side: int, weights: Weights) -> Array:
    x = pooled(maps, box, side, 14)
    for number in range(1, 5):
        layer = weights[f"mrcnn_mask_conv{number}"]
        x = relu(norm(convolution(x, layer), weights[f"mrcnn_mask_bn{number}"]))
    x = convolution(relu(deconvolution(x, weights["mrcnn_mask_deconv"])), weights["mrcnn_mask"])
    return np.asarray(1 / (1 + np.exp(-x[:, :, label])))
