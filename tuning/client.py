"""A worker's connection to its chief, with a time limit."""

import time
from collections.abc import Callable
from functools import partial
from itertools import chain, repeat
from typing import Any, NoReturn

import grpc

from facemtl.errors import InputError
from facemtl.tuning.place import ALONE, ChiefError, Place, what_is_there
from facemtl.tuning.private import OracleClient

FIRST, NEXT = 2.0, 10.0  # seconds until the first and the next message
AGAIN = 1.0  # seconds between two attempts
# The chief has not started, is unreachable, or is restarting.
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


class ChiefClient(OracleClient):
    """KerasTuner's client with a time limit and progress messages.

    KerasTuner's own client waits silently for up to an hour per reply.

    Args:
        oracle: provides the names that it shares with the chief's oracle.
        place: name of this worker and address of its chief.
        patience: seconds to wait for the chief.
        search: settings of the worker's search, from `agreement.header`.
    """

    def __init__(
        self,
        oracle: Any,
        place: Place,
        patience: float,
        search: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(oracle)
        stub: Any = self.stub
        self.stub: Any = PatientStub(stub, place, patience, search)


class PatientStub:
    """A gRPC stub whose calls fail after a time limit."""

    def __init__(
        self,
        stub: Any,
        place: Place,
        patience: float,
        search: tuple[tuple[str, str], ...],
    ) -> None:
        self._stub, self._place = stub, place
        self._patience, self._search = patience, search

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._ask, getattr(self._stub, name))

    def _ask(self, call: Any, request: Any, **its_own: Any) -> Any:
        """Return one reply; ignore KerasTuner's deadline."""
        until = time.monotonic() + self._patience
        while True:
            try:
                return self._reply(call, request, until)
            except grpc.RpcError as error:
                if error.code() not in PASSING or time.monotonic() >= until:
                    self._refuse(error)
            time.sleep(AGAIN)

    def _reply(self, call: Any, request: Any, until: float) -> Any:
        """Wait for a reply and print a message now and then.

        Use one call for the whole time: a second call might end a trial twice.
        """
        left = max(until - time.monotonic(), 0.0)
        future = call.future(
            request, wait_for_ready=True, timeout=left, metadata=self._search
        )
        for seconds in chain([FIRST], repeat(NEXT)):
            try:
                return future.result(seconds)
            except grpc.FutureTimeoutError:
                left = max(until - time.monotonic(), 0.0)
                print(
                    f"Waiting for the chief at {self._place.address}: "
                    f"{what_is_there(self._place)}. {left:.0f} of "
                    f"{self._patience:.0f} s left.",
                    flush=True,
                )
        raise AssertionError("unreachable")

    def _refuse(self, error: Any) -> NoReturn:
        """Raise an error that says why there is no reply."""
        code, said = error.code(), " ".join(str(error.details()).split())
        where = f"at {self._place.address}"
        if code == grpc.StatusCode.FAILED_PRECONDITION:
            raise InputError(said)
        if code in (*PASSING, grpc.StatusCode.DEADLINE_EXCEEDED):
            raise ChiefError(
                f"Expected the chief of {self._place.name} {where}. Received "
                f"no reply for {self._patience:.0f} s (--wait): "
                f"{what_is_there(self._place)}. Its search may be over or cut "
                f"off; start the chief first, with --resume to go on. {ALONE}."
            )
        raise ChiefError(
            f"Expected the chief of {self._place.name} {where}. Received from "
            f"what is there: {code.name}: {said}. {ALONE}."
        )
