// A call with nothing in it fails as one that names no environment does.

import assert from 'node:assert/strict';

export async function run({ wx }) {
  wx.cloud.init();
  return wx.cloud.callContainer(null);
}

export function check({ error, seen }) {
  assert.equal(error.errCode, 40097);
  assert.equal(seen.length, 0);
}
