// `init` may name an environment for each kind of service: that of functions is the one for containers.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  wx.cloud.init({ env: { database: 'prod-02', storage: 'prod-03', functions: 'prod-01' } });
  return wx.cloud.callContainer({ path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ seen: [call] }) {
  assert.equal(call.headers['x-wx-env'], 'prod-01');
}
