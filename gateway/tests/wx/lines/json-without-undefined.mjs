// JSON has what `JSON.stringify` writes: members that are undefined are left out.

import assert from 'node:assert/strict';

const data = { a: undefined, b: [undefined, NaN, () => {}], c: new Date(0), d: { e: undefined } };

export async function run({ call }) {
  return call({ method: 'POST', data });
}

export function check({ seen: [call] }) {
  assert.equal(call.body.toString(), JSON.stringify(data));
}
