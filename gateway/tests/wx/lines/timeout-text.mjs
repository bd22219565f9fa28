// What the platform takes for not given is not given: `timeout: '5000'`.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ path: '/text', timeout: '5000' });
}

export function check({ seen: [call], result }) {
  assert.equal(call.method, 'GET');
  assert.deepEqual(result.data, { not: 'parsed' });
}
