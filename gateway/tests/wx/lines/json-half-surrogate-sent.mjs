// Half a surrogate pair in JSON goes to the service as `JSON.stringify` writes it.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ method: 'POST', data: { name: '\ud83d' } });
}

export function check({ seen: [call] }) {
  assert.equal(call.body.toString(), '{"name":"\\ud83d"}');
}
