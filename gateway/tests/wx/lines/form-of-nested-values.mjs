// A form holds arrays, objects and numbers as `String` spells them, however they nest.

import assert from 'node:assert/strict';

const data = {
  nested: [[1, [2, 3]], null, [null, null], {}, [{ a: [1] }], 'x,y'],
  empty: [],
  deeper: [[[]]],
  numbers: [1e21, 1e-7, -0.5, 123456789012345680000],
  words: [true, false, 'é&=+ %'],
  'é &': 'é &=+%',
};

export async function run({ call }) {
  return call({ method: 'POST', header: { 'X-WX-SERVICE': 'xxx', 'content-type': 'application/x-www-form-urlencoded' }, data });
}

export function check({ seen: [call] }) {
  const pairs = Object.entries(data).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`);
  assert.equal(call.body.toString(), pairs.join('&'));
}
