// The last content type decides what becomes of the data, the other way round too.

import assert from 'node:assert/strict';

export async function run({ call }) {
  const header = { 'X-WX-SERVICE': 'xxx', 'content-type': 'application/x-www-form-urlencoded', 'Content-Type': 'application/json' };
  return call({ method: 'POST', header, data: { a: 1, u: undefined } });
}

export function check({ seen: [call] }) {
  assert.equal(call.headers['content-type'], 'application/json');
  assert.equal(call.body.toString(), '{"a":1}');
}
