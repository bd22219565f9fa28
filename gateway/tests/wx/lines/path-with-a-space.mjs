// A path with a space is refused.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ path: '/two words' });
}

export function check({ error, seen }) {
  assert.equal(error.errCode, -501000);
  assert.equal(seen.length, 0);
}
