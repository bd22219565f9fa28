// Without an identity, the service is told nothing of who calls.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  const cloud = new wx.cloud.Cloud({ identityless: true, resourceAppid: 'WXAAA', resourceEnv: 'prod-01' });
  await cloud.init();
  return cloud.callContainer({ path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ seen: [{ headers }] }) {
  assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith('x-wx-')), []);
}
