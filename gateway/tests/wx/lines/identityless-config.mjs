// Without an identity, the service is told nothing of who calls.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  wx.cloud.init({ env: 'prod-01' });
  return wx.cloud.callContainer({ config: { identityless: true }, path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
}

export function check({ seen: [{ headers }] }) {
  assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith('x-wx-')), []);
}
