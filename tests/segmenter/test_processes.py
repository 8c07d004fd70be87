"""One of several processes: what each is to do."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from spotter.errors import UsageError
from spotter.segmenter.processes import Processes, joined


def test_alone_it_is_the_first_and_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with joined() as processes:
        assert (processes.rank, processes.count, processes.device.type) == (0, 1, "cpu")
        assert processes.first and processes.any(True) and not processes.any(False)
        processes.wait()
        network = torch.nn.Linear(2, 2)
        assert processes.spread(network) is network
        assert processes.helpers == 0


def test_more_processes_than_gpus_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "2")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(UsageError, match=r"no GPU for process 3.*--nproc-per-node 2"), joined():
        pass


def test_bfloat16_is_used_where_it_is_fast_and_not_unwanted(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = Processes(0, 1, torch.device("cpu"))
    for units in (True, False):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda units=units: {"amx_bf16": units})
        for precise in (True, False):
            with processes.computing(precise):
                made = torch.ones(2, 2) @ torch.ones(2, 2)
            assert made.dtype == (torch.bfloat16 if units and not precise else torch.float32)


def test_a_gpu_is_fed_by_other_processes() -> None:
    assert Processes(0, 1, torch.device("cuda", 0)).helpers >= 1
