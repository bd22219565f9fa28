// A path may hold any letters, which are percent-encoded on the way.

import assert from 'node:assert/strict';

export async function run({ call }) {
  return call({ path: '/商品/列表?名=茶&page=1' });
}

export function check({ seen: [call] }) {
  assert.equal(call.url, encodeURI('/商品/列表?名=茶&page=1'));
}
