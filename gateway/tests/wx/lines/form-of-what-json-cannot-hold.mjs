// What JSON cannot hold, or would hold as something else, is in a form what `String` makes of it.

import assert from 'node:assert/strict';

const date = new Date(0);
const data = {
  not: NaN,
  far: -Infinity,
  big: 12345678901234567890n,
  sign: Symbol('s'),
  run: (a) => a,
  date,
  nested: [[1, null], [undefined, NaN]],
  named: { toString: () => 'é' },
  both: { big: 1n },
  zero: -0,
  none: null,
  no: false,
};

export async function run({ call }) {
  return call({ method: 'PUT', header: { 'X-WX-SERVICE': 'xxx', 'CONTENT-TYPE': 'Application/X-WWW-Form-URLencoded; charset=utf-8' }, data });
}

export function check({ seen: [call] }) {
  const pairs = Object.entries(data).map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  assert.equal(call.body.toString(), pairs.join('&'));
}
