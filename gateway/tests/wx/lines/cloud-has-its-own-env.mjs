// An instance has the environment that it was made for, and not that of `wx.cloud.init`.

import assert from 'node:assert/strict';

export const token = 'reuse';

export async function run({ wx }) {
  wx.cloud.init({ env: 'prod-02' });
  const cloud = new wx.cloud.Cloud({ resourceAppid: 'WXAAA', resourceEnv: 'prod-01' });
  await cloud.init();
  return cloud.callContainer({ path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ seen: [call] }) {
  assert.equal(call.headers['x-wx-env'], 'prod-01');
  assert.equal(call.headers['x-wx-from-openid'], 'o-bob');
}
