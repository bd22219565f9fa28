// The platform's document, run: its own code, as it stands, through the module and a gateway to a container.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import wxModule from '../../../examples/wx/wx.js';
import { startContainer, startGateway } from './container.mjs';
import { readSeed } from './seed.mjs';

const { createWx } = wxModule;
const SEED = readSeed(process.env.SEED);
const NOT_ENABLED = "Cloud API isn't enabled, please call wx.cloud.init first";
const AsyncFunction = (async () => {}).constructor;

let container;
const gateways = {};

before(async () => {
  container = await startContainer();
  const service = ['--service', `xxx=${container.address}`];
  const own = [...service, '--owner', 'WXAAA', '--caller', 'own=WXAAA,o-alice,u-alice'];
  // The document calls these environments, the first by a name that stands for the reader's own.
  gateways.any = await startGateway(['--env', '填入云环境ID', ...own]);
  gateways.prod01 = await startGateway(['--env', 'prod-01', ...own]);
  gateways.reuse = await startGateway([
    ...['--env', 'prod_001', '--owner', 'WXAAA', '--share', 'WXBBB', ...service],
    ...['--caller', 'reuse=WXBBB,o-bob', '--caller', 'stranger=WXCCC,o-eve'],
  ]);
  gateways.prod001 = await startGateway([...['--env', 'prod-001', '--share', 'WXBBB'], ...own, '--caller', 'reuse=WXBBB,o-bob']);
});

after(async () => {
  await Promise.all(Object.values(gateways).map((gateway) => gateway.stop()));
  container.stop();
});

/** Runs code that awaits at its top level, and gives what it logged. */
async function run(code, globals) {
  const logged = [];
  const names = { console: { log: (...values) => logged.push(values) }, ...globals };
  await new AsyncFunction(...Object.keys(names), code)(...Object.values(names));
  return logged;
}

/** Runs an app.js and gives the object that it hands to `App`. */
async function runApp(code, globals) {
  let app;
  const logged = [];
  const names = { App: (object) => { app = object; }, console: { log: (...values) => logged.push(values) }, ...globals };
  await new AsyncFunction(...Object.keys(names), code)(...Object.values(names));
  return { app, logged };
}

/** The two lines of the wrapper that stand in the wrong order. */
const INIT = /^ *await that\.cloud\.init\(\).*$/m;
const ASSIGN = /^ *that\.cloud = cloud$/m;

/** The wrapper with those two lines in the order that the rest of it asks for. */
function mended() {
  const [init] = INIT.exec(SEED.wrapper);
  const [assign] = ASSIGN.exec(SEED.wrapper);
  assert.ok(SEED.wrapper.includes(`${init}\n${assign}\n`), 'the wrapper holds the two lines, one after the other');
  return SEED.wrapper.replace(`${init}\n${assign}\n`, `${assign}\n${init}\n`);
}

test('the first call, before and after wx.cloud.init', async () => {
  const wx = createWx({ gateway: gateways.any.url, token: 'own' });
  await assert.rejects(run(SEED.call, { wx }), (error) => {
    assert.ok(error.toString().includes(NOT_ENABLED));
    assert.equal(error.errCode, -1);
    return true;
  });
  wx.cloud.init();
  container.seen.length = 0;
  const [[res]] = await run(SEED.call, { wx });
  assert.equal(res.statusCode, 200);
  assert.equal(res.errMsg, 'cloud.callContainer:ok');
  assert.match(res.callID, /^\d+-0\.\d+$/);
  assert.equal(res.data.method, 'POST');
  assert.equal(res.data.url, '/xxx');
  const [{ headers }] = container.seen;
  assert.equal(headers['x-wx-openid'], 'o-alice');
  assert.equal(headers['x-wx-unionid'], 'u-alice');
  assert.equal(headers['x-wx-appid'], 'WXAAA');
  assert.equal(headers['x-wx-source'], 'wx_client');
});

test('an app that calls on its launch', async () => {
  const wx = createWx({ gateway: gateways.prod01.url, token: 'own' });
  const { app, logged } = await runApp(SEED.launch.slice(SEED.launch.indexOf('App({')), { wx });
  await app.onLaunch();
  const [[result]] = logged;
  assert.equal(result.statusCode, 200);
  assert.equal(result.data.method, 'GET');
  assert.equal(result.data.headers['x-wx-env'], 'prod-01');
});

test('resource reuse', async () => {
  container.seen.length = 0;
  await run(SEED.reuse, { wx: createWx({ gateway: gateways.reuse.url, token: 'reuse' }) });
  const [{ method, headers }] = container.seen;
  assert.equal(method, 'POST');
  assert.equal(headers['x-wx-appid'], 'WXAAA');
  assert.equal(headers['x-wx-from-appid'], 'WXBBB');
  assert.equal(headers['x-wx-from-openid'], 'o-bob');
  assert.equal(headers['x-wx-openid'], undefined);
});

test('resource reuse by an app that nothing is shared with', async () => {
  container.seen.length = 0;
  await assert.rejects(run(SEED.reuse, { wx: createWx({ gateway: gateways.reuse.url, token: 'stranger' }) }), {
    errCode: -501000,
    message: /Authorization mismatch uin/,
  });
  assert.equal(container.seen.length, 0);
});

// As it stands in the document, the wrapper calls `that.cloud.init()` inside `if (that.cloud == null)`, a line before
// `that.cloud` gets its value, and outside the `try`. So its first call ends in a TypeError, whatever `wx` does.
test('the wrapper as it stands', async () => {
  container.seen.length = 0;
  const wx = createWx({ gateway: gateways.prod001.url, token: 'own' });
  const { app } = await runApp(SEED.wrapper, { wx });
  await app.onLaunch();
  await assert.rejects(app.call({ path: '/' }), (error) => {
    assert.ok(error instanceof TypeError);
    assert.match(error.message, /reading 'init'/);
    return true;
  });
  assert.equal(app.cloud, undefined);
  assert.equal(container.seen.length, 0);
  // With an instance in its place, that line is never reached, and the rest runs as it stands.
  app.cloud = new wx.cloud.Cloud({ resourceAppid: 'WXAAA', resourceEnv: 'prod-001' });
  await app.cloud.init();
  assert.equal((await app.call({ path: '/', method: 'POST' })).method, 'POST');
});

// With its two lines in the evidently intended order it works, for the own app and under resource reuse.
for (const [token, header] of [['own', 'x-wx-openid'], ['reuse', 'x-wx-from-openid']]) {
  test(`the wrapper with its two lines in order, and the page that calls it (${token})`, async () => {
    const wx = createWx({ gateway: gateways.prod001.url, token });
    const { app, logged } = await runApp(mended(), { wx });
    await app.onLaunch();
    let page;
    const pageLogged = await run(SEED.page, { getApp: () => app, Page: (object) => { page = object; } });
    await page.onLoad();
    const [[label, result]] = pageLogged;
    assert.equal(label, '业务返回结果');
    assert.equal(result.url, '/');
    assert.ok(result.headers[header]);
    assert.match(logged[0][0], /^微信云托管调用结果cloud\.callContainer:ok \| callid:\d+-0\.\d+$/);
  });
}

/** Two calls at once, the second of which finds an instance whose `init` is not done before `ready` is. */
async function callTwice(ready) {
  const onInit = () => ready;
  const { app } = await runApp(mended(), { wx: createWx({ gateway: gateways.prod001.url, token: 'own', onInit }) });
  const begun = performance.now();
  const first = app.call({ path: '/first' });
  const second = app.call({ path: '/second' }).then(
    (value) => ({ value, after: performance.now() - begun }),
    (error) => ({ error, after: performance.now() - begun }),
  );
  return { first, outcome: await second };
}

test('the wrapper waits for init: 300 ms, up to three times', async () => {
  const ready = new Promise((resolve) => { setTimeout(resolve, 750); });
  const { first, outcome: { value, error, after: took } } = await callTwice(ready);
  assert.equal(error, undefined);
  assert.equal(value.url, '/second');
  // The third attempt again is made after 900 ms, or an earlier one late.
  assert.ok(took > 740, `not after ${took}`);
  assert.equal((await first).url, '/first');
});

test('the wrapper gives up when init takes longer', async () => {
  let done;
  const { first, outcome: { error, after: took } } = await callTwice(new Promise((resolve) => { done = resolve; }));
  assert.ok(error.message.startsWith('微信云托管调用失败'), error.message);
  assert.ok(error.message.includes(NOT_ENABLED));
  assert.ok(took > 890, `three times 300 ms, not ${took}`);
  done();
  assert.equal((await first).url, '/first');
});

test('the wrapper tells of every other failure at once', async () => {
  const { app } = await runApp(mended(), { wx: createWx({ gateway: gateways.prod001.url, token: 'own' }) });
  await assert.rejects(app.call({ path: 'no/slash' }), /微信云托管调用失败.*errCode: -501000/);
});
