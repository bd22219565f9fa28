#!/usr/bin/env python3
"""Writes the vectors of envelopes as `vectors.c` reads them; with `--to DIR`, each into a file of its own, in `request` or
`reply` there."""
import base64
import json
import pathlib
import sys

vectors = pathlib.Path(__file__).resolve().parents[2] / 'vectors' / 'vectors.json'
folder = pathlib.Path(sys.argv[2]) if sys.argv[1:2] == ['--to'] else None
for at, vector in enumerate(json.loads(vectors.read_text(encoding='utf-8'))):
    if vector['what'] not in ('request', 'reply'):
        continue
    if 'base64' in vector:
        given = base64.b64decode(vector['base64'])
    elif 'parts' in vector:
        given = ''.join(part['text'] * part['times'] for part in vector['parts']).encode()
    else:
        given = vector['text'].encode()
    if folder:
        (folder / vector['what'] / f'{at}.json').write_bytes(given)
        continue
    error = vector.get('error', {'kind': 'ok', 'offset': 0})
    again = vector.get('encoded', '').encode()
    print(vector['what'], error['kind'], error['offset'], given.hex() or '-', again.hex() or '-')
