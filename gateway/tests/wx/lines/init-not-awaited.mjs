// `init` need not be awaited when nothing has to be waited for.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  const cloud = new wx.cloud.Cloud({ resourceEnv: 'prod-01' });
  cloud.init();
  return cloud.callContainer({ path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ result }) {
  assert.equal(result.statusCode, 200);
}
