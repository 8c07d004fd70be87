"""Cuts a model's graph in two, so that its last, small layers can run more exactly than the rest."""

from __future__ import annotations

from typing import Any

from spotter.models.runtime import ov


def split_at_small_maps(model: Any, side: int) -> tuple[Any, Any]:
    """Two graphs from one: the layers down to maps of ``side`` x ``side``, and those from there on.

    The first graph gives its own outputs (those that no small map leads to), then what the second one
    takes in, in order. The second one gives the outputs that are left.

    Args:
        model: an ``ov.Model``; it is taken apart.
        side: largest height and width of a map that belongs to the second graph.

    Raises:
        ValueError: no output is led to by maps that small, or a large map comes after a small one.
    """
    results = [result.input(0).get_source_output() for result in model.get_results()]
    edges: dict[tuple[str, int], list[Any]] = {}
    late = [output for output in results if _walk_back(output, side, edges)]
    if not edges:
        raise ValueError(f"no map of this model is {side} x {side} or smaller")
    seams, inputs = [], []
    for targets in edges.values():
        seam = targets[0].get_source_output()
        entry = ov.opset13.parameter(seam.get_partial_shape(), seam.get_element_type())
        for target in targets:
            target.replace_source_output(entry.output(0))
        seams.append(seam)
        inputs.append(entry)
    early = [output for output in results if not any(output is other for other in late)]
    try:
        return ov.Model(early + seams, model.get_parameters()), ov.Model(late, inputs)
    except RuntimeError as error:
        raise ValueError("a large map comes after a small one") from error


def _walk_back(output: Any, side: int, edges: dict[tuple[str, int], list[Any]]) -> bool:
    """Collect the edges from large into small maps that lead to an output; whether there is a small map."""
    stack, seen, found = [output.get_node()], set(), False
    gathered: dict[tuple[str, int], list[Any]] = {}
    while stack:
        node = stack.pop()
        if node.get_friendly_name() in seen:
            continue
        seen.add(node.get_friendly_name())
        found = found or 0 < _map_side(node) <= side
        for target in node.inputs():
            origin = target.get_source_output()
            if _map_side(origin.get_node()) > side:
                gathered.setdefault((origin.get_node().get_friendly_name(), origin.get_index()), []).append(
                    target
                )
            else:
                stack.append(origin.get_node())
    if found:
        for key, targets in gathered.items():
            known = edges.setdefault(key, [])
            known += [t for t in targets if all(t is not k for k in known)]
    return found


def _map_side(node: Any) -> int:
    """Side of the square map (1, channels, side, side) that a layer gives; 0 where it gives another thing."""
    if node.get_type_name() == "Constant" or node.get_output_size() == 0:
        return 0
    shape = node.get_output_partial_shape(0)
    if shape.is_dynamic or len(shape) != 4:
        return 0
    lengths = [dimension.get_length() for dimension in shape]
    return lengths[2] if lengths[0] == 1 and lengths[2] == lengths[3] and lengths[2] > 1 else 0
