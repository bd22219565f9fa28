// Of headers whose names differ in letter case alone, the last counts.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ header: { 'X-WX-SERVICE': 'xxx', Cookie: 'sid=1', cookie: 'sid=2', Authorization: 'one', AUTHORIZATION: 'two' } });
}

export function check({ seen: [call] }) {
  assert.equal(call.headers.cookie, 'sid=2');
  assert.equal(call.headers.authorization, 'two');
}
