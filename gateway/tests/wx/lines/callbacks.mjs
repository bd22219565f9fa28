// Code in callback style, with the service in lower case.

import assert from 'node:assert/strict';

export function run({ wx }) {
  wx.cloud.init({ env: 'prod-01' });
  return new Promise((resolve, reject) => {
    wx.cloud.callContainer({
      path: '/',
      header: { 'x-wx-service': 'xxx' },
      method: 'post',
      data: { action: 'inc' },
      success: resolve,
      fail: reject,
    });
  });
}

export function check({ seen: [call], result }) {
  assert.equal(call.body.toString(), '{"action":"inc"}');
  assert.equal(result.errMsg, 'cloud.callContainer:ok');
}
