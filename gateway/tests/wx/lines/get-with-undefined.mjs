// What JSON cannot hold, or would hold as something else, is in a query what JavaScript writes there.

import assert from 'node:assert/strict';

const data = { a: undefined, b: null, c: NaN, d: new Date(0), e: [undefined, NaN], f: { g: undefined, h: 1 }, i: 1n, j: '', k: true };

export async function run({ call }) {
  return call({ path: '/?x=1', data });
}

export function check({ seen: [call] }) {
  const spell = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  const pairs = Object.entries(data).map(([key, value]) => `${key}=${encodeURIComponent(spell(value))}`);
  assert.equal(call.url, `/?x=1&${pairs.join('&')}`);
}
