// The ArrayBuffer of a view is sent as the bytes that it holds.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ method: 'POST', data: Uint8Array.of(0, 255, 10).buffer, header: { 'X-WX-SERVICE': 'xxx', 'content-type': 'application/octet-stream' } });
}

export function check({ seen: [call] }) {
  assert.deepEqual([...call.body], [0, 255, 10]);
}
