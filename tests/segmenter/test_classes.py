"""Which classes are learnt, from one data set or several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from spotter.errors import UsageError
from spotter.segmenter.annotation import Annotated, Annotations, Instance
from spotter.segmenter.classes import chosen_classes, united

BOX = np.array([0, 0, 4, 4], np.float32)


def picture(name: str, labels: Sequence[int], known: Sequence[int]) -> Annotated:
    things = tuple(Instance(label, BOX, None) for label in labels)
    return Annotated(Path(name), 8, 8, things, frozenset(known))


def data(classes: tuple[str, ...], *pictures: Annotated, val: tuple[Annotated, ...] = ()) -> Annotations:
    return Annotations(
        classes, tuple(range(len(classes) + 1)), pictures, val, ("A note.",), {"layout": "coco"}
    )


BODY = ("person", "Left hand", "right_hand")


def test_parts_alone_get_numbers_of_their_own_and_know_left_from_right() -> None:
    found = chosen_classes(data(BODY, picture("a", [1, 2, 3, 3], [1, 2, 3])), "parts")
    assert found.classes == ("Left hand", "right_hand")
    assert found.mirrored == (0, 1, 2) or found.mirrored == (0, 2, 1)
    assert [one.label for one in found.train[0].instances] == [1, 2, 2]
    assert found.train[0].known == {1, 2}
    assert found.notes == ("A note.",)


def test_people_alone_and_some_by_name_in_the_order_of_the_data() -> None:
    every = data(BODY, picture("a", [1, 2, 3], [1, 2, 3]))
    people = chosen_classes(every, "person")
    assert people.classes == ("person",) and len(people.train[0].instances) == 1
    assert chosen_classes(every, "right hand, person").classes == ("person", "right_hand")
    assert chosen_classes(every, None) is every


def test_a_class_called_parts_is_taken_by_its_name() -> None:
    assert chosen_classes(data(("person", "parts", "tool")), "parts").classes == ("parts",)


@pytest.mark.parametrize("wanted", ["dog", "person,dog", "", "parts"])
def test_other_names_are_told_with_those_that_there_are(wanted: str) -> None:
    with pytest.raises(UsageError, match=r"the data have person;"):
        chosen_classes(data(("person",)), wanted)


def test_pictures_of_which_too_little_is_known_are_left_out_and_counted() -> None:
    every = data(BODY, picture("people", [1], [1]), picture("all", [1, 2], [1, 2, 3]))
    parts = chosen_classes(every, "parts")  # nobody knows where the parts of the first one's people are
    assert [one.path.name for one in parts.train] == ["all"]
    assert parts.notes[-1] == "1 of 2 pictures left out: not all of these classes are marked there"
    people_too = chosen_classes(every, "person,left_hand")  # here they are unsure inside the people
    assert len(people_too.train) == 2 and people_too.train[0].known == {1}


def test_data_sets_become_one_with_each_class_once() -> None:
    pascal = data(("head", "torso"), picture("p", [1, 2], [1, 2]))
    people = data(("Person", "Head"), picture("q", [1, 2, 2], [1, 2]), val=(picture("v", [2], [2]),))
    found = united((people, pascal))
    assert found.classes == ("Person", "Head", "torso")
    assert [one.label for one in found.train[0].instances] == [1, 2, 2]
    assert found.train[0].known == {1, 2}
    assert [one.path.name for one in found.train] == ["q"]  # of the other it is not known where people are
    assert found.val[0].known == {2}
    assert found.source == {"sets": [{"layout": "coco"}] * 2}
    assert len(found.notes) == 3


def test_people_come_first_wherever_they_stand_and_one_set_stays_as_it_is() -> None:
    first, second = (
        data(("head",), picture("a", [1], [1])),
        data(("head", "person"), picture("b", [1, 2], [1, 2])),
    )
    found = united((first, second))
    assert found.classes == ("person", "head")
    assert [[one.label for one in picture.instances] for picture in found.train] == [[2, 1]]
    assert united((first,)) is first


def test_the_same_classes_in_both_lose_nothing() -> None:
    found = united((data(BODY, picture("a", [2], [1, 2, 3])), data(BODY, picture("b", [3], [1, 2, 3]))))
    assert found.classes == BODY and len(found.train) == 2
    assert found.mirrored[0] == 0 and sorted(found.mirrored) == [0, 1, 2, 3]
