"""The gateway's metrics, as Prometheus' own parser reads them."""

import json

from callers import curl
from cases import case
from gateway import Connection, Gateway, call, encode, same
from processes import PROGRAMS, WORK, finish
from services import service


@case("metrics", "prometheus-client")
def metrics(_):
    with Gateway(service("node"), "--metrics", "127.0.0.1:0", "--leave", "0") as gateway:
        connection, received, sent = Connection(gateway.port), 0, 0
        for number in range(21):
            envelope = call(f"/args?{number}")
            if number == 20:
                envelope["config"]["env"] = "prod-02"
            reply = connection.call(envelope)
            same(reply.get("errCode"), -501000 if number == 20 else None, "the errCode")
            received += len(encode(envelope))
            sent += connection.length
        page = curl(f"http://127.0.0.1:{gateway.metrics}/metrics").stdout
        logged = len(gateway.log())
    read = json.loads(finish([WORK / "venv" / "bin" / "python", PROGRAMS / "prometheus.py"], page).stdout)
    types = {name: metric["type"] for name, metric in read.items()}
    # The parser drops the ending of a counter's name.
    same(
        types,
        {
            "callcontainer_calls": "counter",
            "callcontainer_call_duration_seconds": "histogram",
            "callcontainer_received_bytes": "counter",
            "callcontainer_sent_bytes": "counter",
            "callcontainer_rejected": "counter",
            "callcontainer_events": "counter",
            "callcontainer_places": "gauge",
            "callcontainer_places_limit": "gauge",
            "callcontainer_build_info": "gauge",
        },
        "the types",
    )
    assert all(metric["help"] for metric in read.values()), "a metric has no help"
    calls = {(labels["outcome"], labels["code"]): value for _, labels, value in read["callcontainer_calls"]["samples"]}
    same(
        {ending: value for ending, value in calls.items() if value},
        {("response", "2xx"): 20, ("failure", "-501000"): 1},
        "the calls",
    )
    same(logged, 21, "the number of lines in the log")
    # As Prometheus requires of a histogram.
    samples = read["callcontainer_call_duration_seconds"]["samples"]
    buckets = [(float(labels["le"]), value) for name, labels, value in samples if name.endswith("_bucket")]
    assert buckets == sorted(buckets) and len({limit for limit, _ in buckets}) == len(buckets), f"the buckets {buckets}"
    assert [value for _, value in buckets] == sorted(value for _, value in buckets), f"the buckets {buckets}"
    same(buckets[-1], (float("inf"), 21), "the last bucket")
    same([value for name, _, value in samples if name.endswith("_count")], [21], "the count")
    same(read["callcontainer_received_bytes"]["samples"][0][2], received, "the bytes received")
    same(read["callcontainer_sent_bytes"]["samples"][0][2], sent, "the bytes sent")
