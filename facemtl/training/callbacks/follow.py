"""A callback that keeps the workers of a cluster alike."""

import json
from typing import Any

import keras
import numpy as np

from facemtl.training.callbacks.run_folder import RunState
from facemtl.training.hosts import Hosts


class FollowFirst(keras.callbacks.Callback):
    """Take over the first worker's variables and logs at each epoch.

    Workers begin with the same weights. Machines may round differently, and
    decisions such as early stopping are made from the same logs. The callback
    is the first in a list.

    Args:
        hosts: the workers.
        state: the run's state, which names the variables.
    """

    def __init__(self, hosts: Hosts, state: RunState) -> None:
        super().__init__()
        self.hosts, self.state = hosts, state

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        variables = self.state.variables()
        own = [np.asarray(x.numpy()) for x in variables]
        data = self.hosts.shared(b"".join(x.tobytes() for x in own))
        if self.hosts.first:
            return
        begin = 0
        for variable, array in zip(variables, own, strict=True):
            part = data[begin : begin + array.nbytes]
            begin += array.nbytes
            found = np.frombuffer(part, array.dtype).reshape(array.shape)
            variable.assign(found)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        numbers = {key: float(value) for key, value in (logs or {}).items()}
        logs.update(json.loads(self.hosts.shared(json.dumps(numbers).encode())))
