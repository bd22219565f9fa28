// Bytes are sent as such when they are an ArrayBuffer. A view of one is an object like any other.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ method: 'POST', data: Uint8Array.of(1, 2) });
}

export function check({ seen: [call] }) {
  assert.equal(call.body.toString(), '{"0":1,"1":2}');
}
