// A path that is no string is none.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ path: {} });
}

export function check({ error, seen }) {
  assert.equal(error.errCode, -501000);
  assert.equal(seen.length, 0);
}
