// The environment of `init` counts where a call names none.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  wx.cloud.init({ env: 'prod-01', traceUser: true });
  return wx.cloud.callContainer({ path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ seen: [call] }) {
  assert.equal(call.headers['x-wx-env'], 'prod-01');
  assert.equal(call.headers['x-wx-openid'], 'o-alice');
}
