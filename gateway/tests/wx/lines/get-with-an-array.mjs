// The keys of an array are its indexes.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ data: [1, 2] });
}

export function check({ seen: [call] }) {
  assert.equal(call.url, '/?0=1&1=2');
}
