"""The parts that say they live: Redis keys that each sets for 30 s, with the Unix time as text."""

WORKER_KEY, RECORDER_KEY, DISPATCHER_KEY = "matpho:worker", "matpho:recorder", "matpho:dispatcher"
BEATS = {"worker": WORKER_KEY, "recorder": RECORDER_KEY, "dispatcher": DISPATCHER_KEY}
"""By the names under which ``/readyz`` tells them."""
