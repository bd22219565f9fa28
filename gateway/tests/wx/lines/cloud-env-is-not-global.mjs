// An instance that names no environment does not get that of `wx.cloud.init`.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  wx.cloud.init({ env: 'prod-01' });
  const cloud = new wx.cloud.Cloud();
  await cloud.init();
  return cloud.callContainer({ path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ error, seen }) {
  assert.equal(error.errCode, 40097);
  assert.equal(seen.length, 0);
}
