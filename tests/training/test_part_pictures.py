"""Rendered training pictures: the maps are true, and a picture depends on its number and nothing else."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.errors import MediaNotFoundError, SpotterError, UsageError

pytest.importorskip("moderngl", reason="the renderer of training pictures needs moderngl")

from pycocotools import mask as masks
from pycocotools.coco import COCO

from tools.render.body import Source
from tools.render.camera import Camera
from training.parts import poses
from training.parts.bodies import build, draw_shape
from training.parts.cameras import View
from training.parts.clothes import HAIR, LAYERS, SKIN, dress
from training.parts.coco import CATEGORIES, write_instances
from training.parts.labels import PARTS, number, part_of, votes, zones
from training.parts.lights import draw_light
from training.parts.render import Recipe, Renderer, files_of, render
from training.parts.scene import PIXELS, Person, Scene, draw_scene
from training.parts.tables import table
from training.parts.things import MATERIALS, WIDTH

SMALL = Recipe("train", 5, 128)


@pytest.fixture(scope="module")
def assets(shared: Path) -> Path:
    folder = shared / "bodies"
    if not folder.is_dir():
        pytest.skip(f"there are no bodies at {folder}")
    return folder


@pytest.fixture(scope="module")
def source(assets: Path) -> Source:
    return Source(assets, LAYERS)


@pytest.fixture(scope="module")
def renderer(assets: Path) -> Renderer:
    try:
        return Renderer(assets, SMALL)
    except SpotterError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def folder(assets: Path, renderer: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve pictures, described."""
    out = tmp_path_factory.mktemp("pictures")
    assert list(render(out, assets, SMALL, range(12))) == list(range(12))
    assert write_instances(out) == 12
    return out


def maps(folder: Path, image: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    _, labels, people = files_of(folder, image)
    return (
        cv2.imread(str(labels), cv2.IMREAD_UNCHANGED).astype(np.uint8),
        cv2.imread(str(people), cv2.IMREAD_UNCHANGED).astype(np.uint8),
    )


def test_parts_are_those_of_the_clips_that_the_fast_engine_is_judged_on(shared: Path, source: Source) -> None:
    spec = importlib.util.spec_from_file_location("render_body", shared / "tools" / "render_body.py")
    assert spec and spec.loader
    theirs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(theirs)
    assert ["background", *PARTS] == theirs.PARTS
    for bone in source.bones:
        assert PARTS[part_of(bone) - 1] == theirs.part_of_bone(bone)


def test_the_shader_finds_the_part_whose_bones_move_the_skin_most(source: Source) -> None:
    found = zones(source, HAIR)
    out_by = np.floor(found.reach + 0.5)
    limb = np.where(found.chain < 2.5, 2, 6) + found.chain + 2 * (out_by - 1)
    part = np.select([out_by < 0.5, found.chain < 0.5], [number("torso"), number("head")], limb)
    same = part == votes(source).argmax(axis=1)
    assert same[source.layer <= SKIN].mean() > 0.995
    assert set(found.chain[found.triangles[:, 2]]) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_left_hand_of_somebody_who_faces_us_is_at_the_right(renderer: Renderer, seed: int) -> None:
    drawn = renderer.stage.draw(facing_us(renderer.source, seed))
    x = {name: np.nonzero(drawn.parts == i)[1].mean() for i, name in enumerate(PARTS, 1)}
    y = {name: np.nonzero(drawn.parts == i)[0].mean() for i, name in enumerate(PARTS, 1)}
    for limb in ("upper_arm", "lower_arm", "hand", "upper_leg", "lower_leg", "foot"):
        assert x[f"left_{limb}"] > x["torso"] > x[f"right_{limb}"]
    for side in ("left", "right"):
        assert y["head"] < y["torso"] < y[f"{side}_upper_leg"] < y[f"{side}_lower_leg"] < y[f"{side}_foot"]
    assert x["left_hand"] > x["left_lower_arm"] > x["left_upper_arm"]


def test_a_person_stands_on_the_floor(source: Source) -> None:
    for seed in range(6):
        for person in draw_scene(np.random.default_rng([9, seed]), source, "train").people:
            skin = person.vertices[person.body.layer <= SKIN]
            assert skin[:, 1].min() == pytest.approx(person.stance.lift_m, abs=1e-6)


def test_nobody_without_a_part_and_no_part_without_a_person(folder: Path) -> None:
    seen = set()
    for image in range(12):
        labels, people = maps(folder, image)
        picture = cv2.imread(str(files_of(folder, image)[0]))
        assert labels.shape == people.shape == picture.shape[:2]
        assert max(labels.shape) == SMALL.size
        assert np.array_equal(labels > 0, people > 0)
        assert labels.max() <= len(PARTS) and people.max() <= 4
        seen |= set(np.unique(labels).tolist())
    assert seen == set(range(len(PARTS) + 1))


def test_the_bytes_depend_on_the_number_only(folder: Path, assets: Path, renderer: Renderer) -> None:
    fresh = Renderer(assets, SMALL)
    for image in (7, 3):
        for one in (renderer.picture(image), fresh.picture(image)):
            written = [path.read_bytes() for path in files_of(folder, image)]
            assert [one.image, one.labels, one.people] == written
    assert renderer.picture(3).image != renderer.picture(4).image


def test_two_workers_draw_what_one_draws(folder: Path, assets: Path, tmp_path: Path) -> None:
    assert sorted(render(tmp_path, assets, SMALL, range(4, 6), workers=2)) == [4, 5]
    for image in (4, 5):
        for mine, theirs in zip(files_of(tmp_path, image), files_of(folder, image), strict=True):
            assert mine.read_bytes() == theirs.read_bytes()


def test_a_killed_run_goes_on_where_it_stopped(folder: Path, assets: Path, tmp_path: Path) -> None:
    running = render(tmp_path, assets, SMALL, range(12))
    assert [next(running) for _ in range(3)] == [0, 1, 2]
    running.close()
    image, labels, _ = files_of(tmp_path, 2)
    image.unlink()  # killed between the maps and the picture
    labels.write_bytes(b"half")
    assert list(render(tmp_path, assets, SMALL, range(12))) == list(range(2, 12))
    write_instances(tmp_path)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes(), path.name
    assert not list(render(tmp_path, assets, SMALL, range(12)))


def test_instances_are_the_maps(folder: Path) -> None:
    coco = COCO(str(folder / "instances.json"))
    assert [category["name"] for category in coco.loadCats(coco.getCatIds())] == list(CATEGORIES)
    least = 20 / 480**2 * SMALL.size**2
    for image in coco.loadImgs(coco.getImgIds()):
        labels, people = maps(folder, int(Path(image["file_name"]).stem))
        assert (folder / image["file_name"]).is_file()
        assert (image["height"], image["width"]) == labels.shape
        annotations = coco.loadAnns(coco.getAnnIds(image["id"]))
        drawn_parts, drawn_people = np.zeros_like(labels), np.zeros_like(people)
        persons = [annotation["id"] for annotation in annotations if annotation["category_id"] == 1]
        for annotation in annotations:
            mask = coco.annToMask(annotation) > 0
            assert annotation["area"] == mask.sum() >= least
            assert (
                annotation["bbox"] == masks.toBbox(masks.encode(np.asfortranarray(mask, np.uint8))).tolist()
            )
            if annotation["category_id"] == 1:
                drawn_people[mask] = people[mask][0]
            else:
                drawn_parts[mask] = annotation["category_id"] - 1
                owner = coco.annToMask(coco.loadAnns(annotation["person"])[0]) > 0
                assert annotation["person"] in persons and owner[mask].all()
        assert np.array_equal(drawn_people, without_specks(people, people, least))
        both = people.astype(np.int64) * 16 + labels
        assert np.array_equal(drawn_parts, without_specks(labels, both, least))


def test_pictures_of_another_recipe_are_not_mixed_in(folder: Path, assets: Path) -> None:
    with pytest.raises(UsageError, match="'seed': 5"):
        list(render(folder, assets, Recipe("train", 6, 128), range(1)))


def test_missing_bodies_are_named(tmp_path: Path) -> None:
    (tmp_path / "base.obj").touch()
    with pytest.raises(MediaNotFoundError, match=r"default\.mhskel, default_weights\.mhw, targets"):
        list(render(tmp_path / "out", tmp_path, SMALL, range(1)))


def test_scenes_for_testing_show_what_training_never_does(source: Source) -> None:
    held_back = {
        "bodies": set(table("bodies")["held_back"]),
        "backgrounds": set(table("backgrounds")["held_back"]),
        "textures": set(table("backgrounds")["held_back"]),
        "patterns": set(table("clothes")["held_back"]),
        "things": {name for name, row in table("things").items() if row.get("held_back")},
    }
    for seed in range(8):
        train, test = (draw_scene(np.random.default_rng(seed), source, split) for split in ("train", "test"))
        for trait, kept in held_back.items():
            assert not kept & set(train.traits[trait])
        assert set(test.traits["backgrounds"]) <= held_back["backgrounds"]
        assert all(person.shape.anchor in held_back["bodies"] for person in test.people)


def test_the_description_says_what_it_is(folder: Path) -> None:
    document = json.loads((folder / "instances.json").read_text())
    assert document["info"]["license"] == "CC0-1.0"


def facing_us(source: Source, seed: int) -> Scene:
    """Somebody with arms and legs apart who faces +z, seen from there."""
    rng = np.random.default_rng(seed)
    shape = draw_shape(rng, "train")
    body = build(source, shape)
    outfit = dress(rng, body, shape, "train")
    limb = dict.fromkeys(poses.LIMBS, (0.0, 0.0)) | {"arm_out": (70.0, 70.0), "hip_out": (15.0, 15.0)}
    posed = poses.bones(body, poses.Posture("star", dict.fromkeys(poses.TRUNK, 0.0), limb))
    vertices, normals = body.skin(posed.rotation, posed.position)
    vertices = vertices + normals * outfit.puff[:, None]
    person = Person(shape, body, outfit, poses.Stance("star", posed), vertices, normals)
    x, y, z = person.middle.tolist()
    camera = Camera(0.0, 0.0, 5.0, 30.0, (x, y, z))
    return Scene(
        people=(person,),
        things=np.zeros((0, WIDTH), np.float32),
        materials=np.zeros((MATERIALS, PIXELS, PIXELS, 3), np.uint8),
        flat=np.zeros((8, 8, 3), np.uint8),
        stretch=(1.0, 1.0),
        blur=0.0,
        light=draw_light(rng),
        view=View(camera.eye, camera.matrix(100, 100)),
        aspect=1.0,
        traits={},
    )


def without_specks(shown: NDArray[np.uint8], keys: NDArray[np.integer], least: float) -> NDArray[np.uint8]:
    """The map without what is too small to be an instance: fewer than `least` pixels of one key."""
    _, where, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return np.where((counts[where] >= least).reshape(keys.shape), shown, 0).astype(np.uint8)
