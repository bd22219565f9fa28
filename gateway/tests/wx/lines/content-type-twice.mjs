// The last content type decides what becomes of the data.

import assert from 'node:assert/strict';

export async function run({ call }) {
  const header = { 'X-WX-SERVICE': 'xxx', 'Content-Type': 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  return call({ method: 'POST', header, data: { a: 1, b: 'c d' } });
}

export function check({ seen: [call] }) {
  assert.equal(call.headers['content-type'], 'application/x-www-form-urlencoded');
  assert.equal(call.body.toString(), 'a=1&b=c%20d');
}
