"""Does with prometheus_client what each line of the standard input says; ../program.ts tells what is in them."""

import sys

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Summary,
    delete_from_gateway,
    push_to_gateway,
    pushadd_to_gateway,
)
from prometheus_client.exposition import basic_auth_handler, default_handler


def registry_of(metrics):
    registry = CollectorRegistry()
    queue = Gauge("backup_queue_length", "Files that wait.", registry=registry)
    if metrics == "gauge":
        queue.set(2)
        return registry
    queue.set(1.5)
    files = Counter("backup_files", "Files that were looked at.", ["outcome"], registry=registry)
    files.labels(outcome='said "done" in C:\\ ✓').inc(3)
    steps = Histogram("backup_step_seconds", "How long the steps took.", buckets=[0.1, 1, 10], registry=registry)
    sizes = Summary("backup_file_bytes", "Sizes of the files.", registry=registry)
    for seconds in [0.5, 5]:
        steps.observe(seconds)
        sizes.observe(200)
    return registry


def handler_for(login):
    if login == "":
        return default_handler
    user, _, password = login.partition(":")

    def with_basic_auth(url, method, timeout, headers, data):
        return basic_auth_handler(url, method, timeout, headers, data, user, password)

    return with_basic_auth


def carry_out(line):
    operation, metrics, url, login, compression, _, job, *pairs = line.split("\t")
    target = {
        "gateway": url,
        "job": job,
        "grouping_key": dict(zip(pairs[::2], pairs[1::2])),
        "handler": handler_for(login),
    }
    if operation == "delete":
        delete_from_gateway(**target)
        return
    push = push_to_gateway if operation == "push" else pushadd_to_gateway
    push(registry=registry_of(metrics), compression=compression or None, **target)


sys.stdin.reconfigure(encoding="utf-8")
for line in sys.stdin:
    try:
        carry_out(line.rstrip("\n"))
        print("ok", flush=True)
    except Exception as error:
        print("failed:", " ".join(str(error).split()), flush=True)
