// What the platform takes for not given is not given: `dataType: 5`.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ path: '/text', dataType: 5 });
}

export function check({ seen: [call], result }) {
  assert.equal(call.method, 'GET');
  assert.deepEqual(result.data, { not: 'parsed' });
}
