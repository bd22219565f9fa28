// What `wx.request` knows and a call of a container does not is left out.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({
    url: 'https://example.com/',
    verbose: true,
    followRedirect: false,
    enableHttp2: true,
    enableQuic: true,
    enableCache: true,
    enableHttpDNS: true,
    enableChunked: true,
    forceCellularNetwork: false,
    useHighPerformanceMode: true,
    redirect: 'follow',
    method: 'POST',
    data: {},
  });
}

export function check({ seen: [call] }) {
  assert.equal(call.body.toString(), '{}');
}
