"""A network of PyTorch as a network of OpenVINO; PyTorch itself is not imported here."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from spotter.errors import ModelError
from spotter.models.runtime import ov


def convert(module: Any, example: Any, output: str = "probabilities") -> Any:
    """Convert a module that takes pictures.

    Args:
        module: a ``torch.nn.Module`` with one input and one output, in the mode for prediction.
        example: a ``torch.Tensor`` (n, 3, side, side) that it takes in; its batch becomes free.
        output: what the output is called.

    Returns:
        An ``ov.Model`` from "pixels", float32 (N, 3, side, side), to ``output``, with weights of its own.

    Raises:
        ModelError: if OpenVINO does not know one of its operations.
    """
    try:
        # a copy, as the converted network lies in the module's own memory
        model = ov.convert_model(deepcopy(module), example_input=example)
        model.reshape([-1, *example.shape[1:]])
        model.validate_nodes_and_infer_types()
    except Exception as error:  # the converter raises half a dozen classes without a common parent
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = lines[-1] if lines else type(error).__name__
        raise ModelError(f"the PyTorch network cannot be converted to OpenVINO: {reason}") from error
    model.input(0).set_names({"pixels"})
    model.output(0).set_names({output})
    return model
