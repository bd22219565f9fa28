// The `init` of an instance may name an environment as that of `wx.cloud` does.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  const cloud = new wx.cloud.Cloud();
  await cloud.init({ env: 'prod-01' });
  return cloud.callContainer({ path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ seen: [call] }) {
  assert.equal(call.headers['x-wx-env'], 'prod-01');
}
