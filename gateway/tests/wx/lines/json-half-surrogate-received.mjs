// A service's JSON with half a surrogate pair arrives as an object.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ path: '/half' });
}

export function check({ result }) {
  assert.deepEqual(result.data, { code: 0, name: '\ud83d' });
}
