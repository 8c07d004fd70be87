"""One of several training processes, where PyTorch's own launcher (torchrun) started more than one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from spotter.errors import UsageError
from spotter.recognizer.pytorch import nn, torch

_HELPERS = 8  # processes that make pictures ready, at most
_PATIENCE = timedelta(hours=6)  # the others wait while the first one judges


@dataclass(frozen=True, slots=True)
class Processes:
    """Which process this is.

    Attributes:
        rank: its number, from 0; the first one judges, writes and reports.
        count: how many there are.
        device: that it computes on.
    """

    rank: int
    count: int
    device: torch.device

    @property
    def first(self) -> bool:
        return self.rank == 0

    @property
    def helpers(self) -> int:
        """How many processes should make pictures ready: none beside training that takes all cores itself."""
        return 0 if self.device.type == "cpu" else min(_HELPERS, os.cpu_count() or 1)

    def spread(self, network: nn.Module) -> nn.Module:
        """The network so that gradients are shared among all processes."""
        if self.count == 1:
            return network
        devices = [self.device] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(network, device_ids=devices)

    def computing(self, precise: bool) -> torch.autocast:
        """Computing in bfloat16 where the device is faster in it, unless it is to be precise."""
        gpu = self.device.type == "cuda"
        fast = gpu or bool(torch.cpu.get_capabilities().get("amx_bf16"))
        return torch.autocast(self.device.type, torch.bfloat16, enabled=fast and not precise)

    def any(self, flag: bool) -> bool:
        """Whether it is so in any process; all have to ask."""
        if self.count == 1:
            return flag
        votes = torch.tensor([float(flag)], device=self.device)
        torch.distributed.all_reduce(votes)
        return bool(votes.item() > 0)

    def wait(self) -> None:
        """Until all processes are here."""
        if self.count > 1:
            torch.distributed.barrier()


@contextmanager
def joined() -> Iterator[Processes]:
    """The group that torchrun's environment names; a group of one without it.

    Raises:
        UsageError: if there are more processes than GPUs, on a machine that has any.
    """
    rank, count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    device = torch.device("cpu")
    if torch.cuda.is_available():
        here, gpus = int(os.environ.get("LOCAL_RANK", 0)), torch.cuda.device_count()
        if here >= gpus:
            raise UsageError(f"there is no GPU for process {here + 1}: give torchrun --nproc-per-node {gpus}")
        device = torch.device("cuda", here)
        torch.cuda.set_device(device)
    if count > 1:
        backend = "nccl" if device.type == "cuda" else "gloo"
        torch.distributed.init_process_group(backend, timeout=_PATIENCE)
    try:
        yield Processes(rank, count, device)
    finally:
        if count > 1:
            torch.distributed.destroy_process_group()
