// Only the first `init` counts.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  wx.cloud.init({ env: 'prod-01' });
  wx.cloud.init({ env: 'prod-02', identityless: true });
  return wx.cloud.callContainer({ path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ seen: [call] }) {
  assert.equal(call.headers['x-wx-env'], 'prod-01');
  assert.equal(call.headers['x-wx-openid'], 'o-alice');
}
