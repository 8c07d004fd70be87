"""The tables of what may be drawn: everything in them exists, and nothing held back gets into training."""

from __future__ import annotations

import numpy as np
import pytest

moderngl = pytest.importorskip("moderngl", reason="the renderer of training pictures needs moderngl")

from training.parts import bodies, photo, poses, things  # noqa: E402
from training.parts.solids import SOLIDS  # noqa: E402
from training.parts.tables import allowed, kept_out, table  # noqa: E402
from training.parts.textures import KINDS, texture  # noqa: E402


def test_training_and_testing_share_no_body_and_no_background() -> None:
    rows = table("backgrounds")
    for taken in (
        bodies.anchors,
        lambda split: kept_out(rows["textures"], rows["held_back"], split),
    ):
        train, val, test = (set(taken(split)) for split in ("train", "val", "test"))
        assert train and val
        assert val == test
        assert not train & test


@pytest.mark.parametrize("name", ["backgrounds", "clothes"])
def test_what_is_held_back_is_never_trained_with(name: str) -> None:
    rows = table(name)
    kinds = rows["textures"] if name == "backgrounds" else rows["patterns"]
    held_back = set(rows["held_back"])
    assert held_back <= set(kinds)
    assert not held_back & set(allowed(kinds, rows["held_back"], "train"))
    assert held_back < set(allowed(kinds, rows["held_back"], "test"))


@pytest.mark.parametrize("carried", [False, True])
def test_some_things_are_held_back(carried: bool) -> None:
    train, test = things.names("train", carried), things.names("test", carried)
    assert set(train) < set(test)


def test_every_word_of_the_tables_means_something() -> None:
    assert set(table("backgrounds")["textures"]) | set(table("clothes")["patterns"]) == set(KINDS)
    shapes = {piece["shape"] for row in table("things").values() for piece in row["pieces"]}
    assert shapes == set(SOLIDS)
    rows = table("poses")
    known = {*poses.TRUNK, *poses.LIMBS, "lift"}
    for row in [*rows["bases"].values(), *rows["arms"].values()]:
        angles = {*row, *row.get("left", {}), *row.get("right", {})}
        assert angles - {"weight", "same", "rests", "left", "right"} <= known


@pytest.mark.parametrize("kind", KINDS)
def test_a_texture_is_a_picture_that_depends_on_its_seed_only(kind: str) -> None:
    first, again, other = (texture(np.random.default_rng(seed), kind, 64) for seed in (1, 1, 2))
    assert first.shape == (64, 64, 3) and first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_joint_goes_beyond_its_limits() -> None:
    rng, limits = np.random.default_rng(0), table("poses")["limits"]
    for _ in range(300):
        posture = poses.draw_posture(rng)
        for name, (least, most) in limits.items():
            angles = posture.limb[name] if name in posture.limb else (posture.trunk[name],)
            assert all(least <= angle <= most for angle in angles), (posture.name, name, angles)


def test_sides_are_exchanged_as_in_a_mirror() -> None:
    posture = poses.Posture("lunge", {"flex": 5.0, "turn": 30.0}, {"knee": (90.0, 10.0)})
    mirrored = poses.exchanged(posture)
    assert mirrored.trunk == {"flex": 5.0, "turn": -30.0}
    assert mirrored.limb == {"knee": (10.0, 90.0)}


def test_the_camera_moves_nothing_so_that_the_maps_stay_true() -> None:
    square = np.full((90, 120, 3), 20, np.uint8)
    square[30:60, 45:75] = 230
    y, x = np.mgrid[:90, :120]
    for seed in range(60):
        image = photo.photograph(np.random.default_rng(seed), square).mean(axis=2)
        bright = image > (np.percentile(image, 2) + np.percentile(image, 99)) / 2
        assert bright.sum() == pytest.approx(900, rel=0.25), seed
        assert abs(x[bright].mean() - 59.5) < 0.8 and abs(y[bright].mean() - 44.5) < 0.8, seed
