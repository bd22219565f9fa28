// In a form, every value is what `String` makes of it.

import assert from 'node:assert/strict';

export async function run({ call }) {
  const header = { 'X-WX-SERVICE': 'xxx', 'content-type': 'application/x-www-form-urlencoded' };
  return call({ method: 'POST', header, data: { ids: [1, 2], o: { a: 1 }, u: undefined } });
}

export function check({ seen: [call] }) {
  assert.equal(call.body.toString(), 'ids=1%2C2&o=%5Bobject%20Object%5D&u=undefined');
}
