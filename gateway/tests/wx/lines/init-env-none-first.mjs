// An `init` that names no environment is the first all the same.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  wx.cloud.init();
  wx.cloud.init({ env: 'prod-01' });
  return wx.cloud.callContainer({ path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ error, seen }) {
  assert.equal(error.errCode, 40097);
  assert.equal(seen.length, 0);
}
