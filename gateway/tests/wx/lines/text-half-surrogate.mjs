// Half a surrogate pair in text is sent as U+FFFD, as a `TextEncoder` does.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ method: 'POST', data: 'a\ud83d b' });
}

export function check({ seen: [call] }) {
  assert.equal(call.body.toString(), 'a\ufffd b');
}
