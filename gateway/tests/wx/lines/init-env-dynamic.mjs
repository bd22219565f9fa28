// What names the environment of a cloud function is a symbol there, and not there at all in a Mini Program.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  assert.equal(wx.cloud.DYNAMIC_CURRENT_ENV, undefined);
  wx.cloud.init({ env: Symbol.for('DYNAMIC_CURRENT_ENV') });
  return wx.cloud.callContainer({ config: { env: 'prod-01' }, path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ seen: [call] }) {
  assert.equal(call.headers['x-wx-env'], 'prod-01');
}
