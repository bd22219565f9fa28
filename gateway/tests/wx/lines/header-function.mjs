// A `header` that is no object is no headers.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ service: 'xxx', header: () => {} });
}

export function check({ result }) {
  assert.equal(result.statusCode, 200);
}
