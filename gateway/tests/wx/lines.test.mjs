// Lines as Mini Programs have them, each in a file of its own: what the service sees, and what comes back.
//
// A file exports `run`, the code, with a `wx` to use or a `call` of the service in which an environment is set;
// `check`, which is given what came of it; and the token that its `wx` calls with, unless that is the owner's.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';

import wxModule from '../../../examples/wx/wx.js';
import { startContainer, startGateway } from './container.mjs';

const { createWx } = wxModule;
const FOLDER = new URL('lines/', import.meta.url);

let container;
let gateway;

before(async () => {
  container = await startContainer();
  gateway = await startGateway([
    ...['--env', 'prod-01', '--owner', 'WXAAA', '--share', 'WXBBB', '--service', `xxx=${container.address}`, '--public'],
    ...['--caller', 'own=WXAAA,o-alice', '--caller', 'reuse=WXBBB,o-bob'],
  ]);
});

after(async () => {
  await gateway.stop();
  container.stop();
});

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.mjs'));
assert.ok(files.length > 50);

for (const file of files) {
  test(file, async () => {
    const { run, check, token = 'own' } = await import(new URL(file, FOLDER));
    const wx = createWx({ gateway: gateway.url, token });
    const call = (more) => {
      wx.cloud.init({ env: 'prod-01' });
      return wx.cloud.callContainer({ path: '/', header: { 'X-WX-SERVICE': 'xxx' }, ...more });
    };
    container.seen.length = 0;
    const outcome = await run({ wx, call }).then((result) => ({ result }), (error) => ({ error }));
    const { errCode, errMsg = String(outcome.error) } = outcome.error ?? {};
    try {
      check({ ...outcome, seen: container.seen });
    } catch (error) {
      if (outcome.error !== undefined) error.message += `\n\nThe call failed: ${errCode} ${errMsg}`;
      throw error;
    }
  });
}
