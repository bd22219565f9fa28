// A header value that is neither a string nor a number is sent as what `Object.prototype.toString` makes of it.

import assert from 'node:assert/strict';

export async function run({ call }) {
  const header = { 'X-WX-SERVICE': 'xxx', n: null, u: undefined, a: [1, 2], o: { a: 1 }, t: true, s: '', d: 1.5, x: NaN };
  return call({ header });
}

export function check({ seen: [{ headers }] }) {
  const { n, u, a, o, t, s, d, x } = headers;
  assert.deepEqual({ n, u, a, o, t, s, d, x }, {
    n: '[object Null]',
    u: '[object Undefined]',
    a: '[object Array]',
    o: '[object Object]',
    t: '[object Boolean]',
    s: '',
    d: '1.5',
    x: 'NaN',
  });
}
