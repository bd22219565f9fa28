#!/usr/bin/env python3
"""Writes the vectors of envelopes as `vectors.c` reads them."""
import base64
import json
import pathlib

vectors = pathlib.Path(__file__).resolve().parents[2] / 'vectors' / 'vectors.json'
for vector in json.loads(vectors.read_text(encoding='utf-8')):
    if vector['what'] not in ('request', 'reply'):
        continue
    if 'base64' in vector:
        given = base64.b64decode(vector['base64'])
    elif 'parts' in vector:
        given = ''.join(part['text'] * part['times'] for part in vector['parts']).encode()
    else:
        given = vector['text'].encode()
    error = vector.get('error', {'kind': 'ok', 'offset': 0})
    again = vector.get('encoded', '').encode()
    print(vector['what'], error['kind'], error['offset'], given.hex() or '-', again.hex() or '-')
