// A fraction of a timeout is cut, and what is left is in force.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ path: '/never', timeout: 50.7 });
}

export function check({ error }) {
  assert.equal(error.errCode, 102002);
}
