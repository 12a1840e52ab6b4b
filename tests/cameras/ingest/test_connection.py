"""One connection, real sockets, no worker: what a sweep may cost."""

import contextlib
import time

import pytest

from cameras.ingest.connection import Connection, ReceiveBuffer
from cameras.ingest.faults import SourceFault
from tests.faults import faulty_camera as faults
from tests.faults.faulty_camera import FaultyCamera


def sweeps(camera, seconds):
    """Sweep as a worker does till ``seconds`` have passed; gives what the longest cost, in processor time."""
    now = time.monotonic()
    connection = Connection(
        "127.0.0.1", camera.port, url=camera.url, user="", password="", buffer=ReceiveBuffer(), now=now, start=0,
        not_before_us=0,
    )  # fmt: skip
    longest, until = 0.0, now + seconds
    with contextlib.closing(connection):
        try:
            while now < until:
                began = time.thread_time()
                connection.sweep(now)
                longest = max(longest, time.thread_time() - began)
                time.sleep(0.03)
                now = time.monotonic()
        except SourceFault as fault:
            return max(longest, time.thread_time() - began), fault
    return longest, None


@pytest.mark.parametrize("kind", faults.FLOODS)
def test_a_camera_that_floods_is_given_up_before_it_costs_a_second(kind):
    with FaultyCamera(faults.floods(kind, after_frames=0)) as camera:
        longest, fault = sweeps(camera, 20)
    assert fault is not None and (fault.reason, fault.slow) == ("too_much", True)
    assert longest < 1


def test_an_honest_camera_of_many_megabits_is_not_given_up():
    with FaultyCamera(faults.constant_rate()) as camera:
        longest, fault = sweeps(camera, 6)
    assert fault is None and longest < 0.1
