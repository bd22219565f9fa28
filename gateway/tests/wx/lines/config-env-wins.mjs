// The environment of the call counts more than that of `init`.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  wx.cloud.init({ env: 'prod-02' });
  return wx.cloud.callContainer({ config: { env: 'prod-01', timeout: 15000 }, path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ seen: [call] }) {
  assert.equal(call.headers['x-wx-env'], 'prod-01');
}
