"""Reads metrics in Prometheus' text format, and writes them as JSON: for each metric its type, help and samples."""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

json.dump(
    {
        family.name: {
            "type": family.type,
            "help": family.documentation,
            "samples": [[sample.name, sample.labels, sample.value] for sample in family.samples],
        }
        for family in text_string_to_metric_families(sys.stdin.read())
    },
    sys.stdout,
)
