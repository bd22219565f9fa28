// What the platform takes for not given is not given: `service: null`.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ path: '/text', service: null });
}

export function check({ seen: [call], result }) {
  assert.equal(call.method, 'GET');
  assert.deepEqual(result.data, { not: 'parsed' });
}
