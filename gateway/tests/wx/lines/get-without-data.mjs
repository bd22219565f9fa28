// A wrapper that passes on data which nobody gave sends none.

import assert from 'node:assert/strict';

export async function run({ call }) {
  await call({ data: '' });
  await call({ data: {} });
  await call({ data: null });
  return call({ data: undefined });
}

export function check({ seen }) {
  assert.deepEqual(seen.map(({ url, body }) => url + body), ['/', '/', '/', '/']);
}
