// The name of the service is a header like any other: the last one counts.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ header: { 'x-wx-service': 'nobody', 'X-WX-SERVICE': 'xxx' } });
}

export function check({ result }) {
  assert.equal(result.statusCode, 200);
}
