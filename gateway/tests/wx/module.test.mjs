// The module on its own: what a call may hold, and every form of its outcome.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import vm from 'node:vm';

import wxModule from '../../../examples/wx/wx.js';
import { startContainer, startGateway } from './container.mjs';

const { createWx } = wxModule;

let container;
let gateway;

before(async () => {
  container = await startContainer();
  gateway = await startGateway([
    ...['--env', 'prod-01', '--owner', 'WXAAA', '--share', 'WXBBB', '--service', `xxx=${container.address}`],
    ...['--caller', 'own=WXAAA,o-alice', '--caller', 'reuse=WXBBB,o-bob'],
  ]);
});

after(async () => {
  await gateway.stop();
  container.stop();
});

function makeWx(options) {
  const wx = createWx({ gateway: gateway.url, token: 'own', ...options });
  wx.cloud.init();
  return wx;
}

/** A call to the service of the tests. */
function callOf(path, more) {
  return { config: { env: 'prod-01' }, path, header: { 'X-WX-SERVICE': 'xxx' }, ...more };
}

async function data(path, more) {
  return (await makeWx().cloud.callContainer(callOf(path, more))).data;
}

test('dataType', async () => {
  assert.equal((await data('/json')).url, '/json');
  assert.deepEqual(await data('/text'), { not: 'parsed' });
  assert.equal(await data('/text', { dataType: 'text' }), '{"not": "parsed"}');
  assert.equal(await data('/text', { dataType: '其他' }), '{"not": "parsed"}');
  assert.equal(await data('/broken'), '{"no json');
  assert.equal(await data('/empty'), '');
});

test('data of every kind', async () => {
  const method = 'POST';
  assert.equal((await data('/', { method, data: 'text 文' })).body, 'text 文');
  assert.equal((await data('/', { method, data: { a: [1, '二'] } })).body, '{"a":[1,"二"]}');
  const form = { 'X-WX-SERVICE': 'xxx', 'content-type': 'application/x-www-form-urlencoded' };
  assert.equal((await data('/', { method, data: { a: 1, b: 'c d' }, header: form })).body, 'a=1&b=c%20d');
  assert.equal((await data('/q?x=1', { data: { x: 2, y: 'é' } })).url, '/q?x=2&y=%C3%A9');
  assert.equal((await data('/', { method })).body, '');
});

test('ArrayBuffer both ways', async () => {
  const sent = Uint8Array.from({ length: 1000 }, (_, at) => at % 256);
  const received = await data('/back', { method: 'PUT', data: sent.buffer, responseType: 'arraybuffer' });
  assert.ok(received instanceof ArrayBuffer);
  assert.deepEqual(new Uint8Array(received), sent);
  assert.deepEqual(new Uint8Array(await data('/bytes', { responseType: 'arraybuffer' })), Uint8Array.of(0, 1, 2, 253, 254, 255));
  assert.equal((await data('/empty', { responseType: 'arraybuffer' })).byteLength, 0);
  // Of another context, as the code of a page is.
  const foreign = vm.runInNewContext('new Uint8Array([1, 2, 3]).buffer');
  assert.deepEqual(new Uint8Array(await data('/back', { method: 'PUT', data: foreign, responseType: 'arraybuffer' })), Uint8Array.of(1, 2, 3));
});

test('the result', async () => {
  const result = await makeWx().cloud.callContainer(callOf('/cookies'));
  assert.deepEqual(Object.keys(result).sort(), ['callID', 'cookies', 'data', 'errMsg', 'header', 'statusCode']);
  assert.deepEqual(result.cookies, ['a=1', 'b=2; Path=/']);
  assert.deepEqual(result.data, []);
  // Any status of the service is a success.
  const missing = await makeWx().cloud.callContainer(callOf('/status?code=404'));
  assert.equal(missing.statusCode, 404);
  assert.equal(missing.errMsg, 'cloud.callContainer:ok');
});

test('callbacks: no promise, and complete comes last', async () => {
  const wx = makeWx();
  const outcome = (path) => new Promise((resolve) => {
    const told = [];
    const returned = wx.cloud.callContainer(callOf(path, {
      success: (result) => told.push(['success', result]),
      fail: (error) => told.push(['fail', error]),
      complete: (value) => resolve([...told, ['complete', value]]),
    }));
    assert.equal(returned, undefined);
  });
  const [[kind, result], [last, again]] = await outcome('/json');
  assert.deepEqual([kind, last], ['success', 'complete']);
  assert.equal(result.statusCode, 200);
  assert.equal(again, result);
  const [[failed, error], [end, same]] = await outcome('no/slash');
  assert.deepEqual([failed, end], ['fail', 'complete']);
  assert.equal(error.errCode, -501000);
  assert.match(error.errMsg, /^cloud\.callContainer:fail Error: errCode: -501000 \| errMsg: Path access permission error/);
  assert.equal(same, error);
});

test('one callback is enough for callback style', async () => {
  const wx = makeWx();
  assert.equal((await new Promise((success) => { wx.cloud.callContainer(callOf('/json', { success })); })).statusCode, 200);
  assert.equal((await new Promise((fail) => { wx.cloud.callContainer(callOf('x', { fail })); })).errCode, -501000);
  assert.equal((await new Promise((complete) => { wx.cloud.callContainer(callOf('x', { complete })); })).errCode, -501000);
  assert.equal(wx.cloud.callContainer(callOf('/json', { success: undefined })) instanceof Promise, true);
});

test('before init', async () => {
  let finish;
  const wx = createWx({ gateway: gateway.url, token: 'own', onInit: () => new Promise((resolve) => { finish = resolve; }) });
  container.seen.length = 0;
  const message = /^errCode: -1 {2}\| errMsg: Cloud API isn't enabled, please call wx\.cloud\.init first/;
  await assert.rejects(wx.cloud.callContainer(callOf('/')), { errCode: -1, errMsg: message });
  const instance = new wx.cloud.Cloud({ resourceAppid: 'WXAAA', resourceEnv: 'prod-01' });
  // The init of wx.cloud is not that of an instance, and that of an instance takes until it is done.
  wx.cloud.init();
  await assert.rejects(instance.callContainer(callOf('/')), { errCode: -1 });
  const done = instance.init();
  await assert.rejects(instance.callContainer(callOf('/')), { errCode: -1 });
  assert.equal(container.seen.length, 0);
  finish();
  await done;
  assert.equal((await instance.callContainer(callOf('/'))).statusCode, 200);
});

test('an init that fails', async () => {
  const trouble = new Error('no network');
  for (const onInit of [() => { throw trouble; }, () => Promise.reject(trouble)]) {
    const wx = createWx({ gateway: gateway.url, token: 'own', onInit });
    const instance = new wx.cloud.Cloud({ resourceEnv: 'prod-01' });
    await assert.rejects(instance.init(), trouble);
    await assert.rejects(instance.callContainer(callOf('/')), { errCode: -1 });
  }
});

test('base library versions', async () => {
  for (const version of ['2.22.9', '2.9.0', '1.100.100', '2.22']) {
    const wx = makeWx({ version });
    const instance = new wx.cloud.Cloud({ resourceAppid: 'WXAAA', resourceEnv: 'prod-01' });
    for (const cloud of [wx.cloud, instance]) {
      assert.equal('callContainer' in cloud, false);
    }
    assert.throws(() => wx.cloud.callContainer(callOf('/')), { name: 'TypeError', message: 'wx.cloud.callContainer is not a function' });
  }
  for (const version of ['2.23.0', '2.23', '2.100.0', '3.0.0']) {
    assert.equal((await makeWx({ version }).cloud.callContainer(callOf('/'))).statusCode, 200);
  }
});

test('an instance names whose environment it calls', async () => {
  const wx = createWx({ gateway: gateway.url, token: 'reuse' });
  const instance = new wx.cloud.Cloud({ resourceAppid: 'WXAAA', resourceEnv: 'prod-01' });
  await instance.init();
  const { data: seen } = await instance.callContainer({ path: '/', header: { 'X-WX-SERVICE': 'xxx' } });
  assert.equal(seen.headers['x-wx-from-openid'], 'o-bob');
  wx.cloud.init();
  await assert.rejects(wx.cloud.callContainer(callOf('/')), { errCode: -501000, message: /Authorization mismatch uin/ });
});

test('failures carry the code of the platform', async () => {
  const cloud = makeWx().cloud;
  const cases = [
    [callOf('/', { method: 'PATCH' }), 102005],
    [callOf('/', { method: 'TRACE' }), 102005],
    [callOf('/', { header: { 'X-WX-SERVICE': 'xxx', Referer: 'x' } }), 40097],
    [callOf('/', { header: { 'X-WX-SERVICE': 'yyy' } }), -501000],
    [callOf('/', { config: { env: 'other' } }), -501000],
    [callOf('/', { method: 'POST', data: 'x'.repeat(102_400) }), -606001],
    [callOf('/size?bytes=1024000'), -606002],
    [callOf('/never', { timeout: 50 }), 102002],
    [undefined, 40097],
  ];
  for (const [call, errCode] of cases) {
    await assert.rejects(cloud.callContainer(call), (error) => {
      assert.equal(error.errCode, errCode, error.errMsg);
      assert.ok(error instanceof Error);
      assert.ok(error.toString().includes(error.errMsg));
      assert.match(error.errMsg, new RegExp(`errCode: ${errCode} `));
      return true;
    });
  }
});

test('what cannot be written, and a gateway that is not there', async () => {
  const circle = {};
  circle.circle = circle;
  await assert.rejects(makeWx().cloud.callContainer(callOf('/', { data: circle })), { errMsg: /^cloud\.callContainer:fail Error: .*circular/ });
  await assert.rejects(makeWx({ token: 'nobody' }).cloud.callContainer(callOf('/')), { errCode: -501000 });
  await assert.rejects(makeWx({ gateway: 'http://127.0.0.1:1' }).cloud.callContainer(callOf('/')), { errCode: -501001 });
  await assert.rejects(makeWx({ gateway: `http://${container.address}/text` }).cloud.callContainer(callOf('/')), Error);
  await assert.rejects(makeWx({ gateway: `http://${container.address}/broken` }).cloud.callContainer(callOf('/')), {
    errCode: -501001,
    errMsg: /no envelope from the gateway, but HTTP 200$/,
  });
});
