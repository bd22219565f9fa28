// Proxies that do what they should not: the filter must not trap, must let nothing of the caller's own request through, and
// must answer a call at most once. What traps is made as small as it can be, and shown.

import { BODY, CONTINUE, Host, MAP, STATUS, serialized } from './host.mjs';
import { random } from './random.mjs';

const raw = (string) => Buffer.from(string, 'latin1');
const HEAD = [[':method', 'POST'], [':path', '/'], [':scheme', 'http'], ['authorization', 'Bearer t0k.en'], ['x-wx-openid', 'o-forged']];
const CALL = '{"config":{"env":"e"},"path":"/","service":"shop","method":"POST","data":"text"}';
const CONFIGURATION = JSON.stringify({
  env: 'e', owner: 'WXA', services: [{ name: 'shop' }], callers: [{ token: 't0k.en', appid: 'WXA', openid: 'o' }], jwt: { metadata: 'claims' },
});

/** The functions that the filter calls. The crate `proxy-wasm` calls another behind what the filter never asks for. */
const FUNCTIONS = [
  'proxy_get_current_time_nanoseconds', 'proxy_get_buffer_bytes', 'proxy_set_buffer_bytes', 'proxy_get_header_map_pairs',
  'proxy_set_header_map_pairs', 'proxy_continue_stream', 'proxy_get_property', 'proxy_set_property',
  'proxy_send_local_response', 'proxy_call_foreign_function', 'proxy_log',
];
const STATUSES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99, -1];

/** What is given instead of bytes, where a function gives some: [bytes, length or nothing for theirs]. */
const GIFTS = {
  nothing: Buffer.alloc(0),
  'a byte': Buffer.from([0xff]),
  'three bytes': Buffer.from([0, 0, 0]),
  text: raw('via_upstream'),
  'a number': raw('18446744073709551616'),
  'no UTF-8': raw('\xff\xfe\x80'),
  'no headers': serialized([]),
  'headers that are not there': Buffer.from([0xff, 0xff, 0xff, 0xff]),
  'a header longer than the map': Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, 0, 0]),
  'headers without their NULs': serialized([['a', 'b'], ['c', 'd']]).subarray(0, -1),
  'a name that is no UTF-8': serialized([[':status', '200'], ['\xff', '\xff'], ['', '']]),
  'many headers': serialized(Array.from({ length: 20_000 }, (_, at) => [`x-${at}`, 'v'])),
  'a long header': serialized([['a', 'v'.repeat(300_000)]]),
};
/** Where the place of the bytes stands among the arguments. */
const GIVES = {
  proxy_get_buffer_bytes: 3, proxy_get_header_map_pairs: 1, proxy_get_property: 2, proxy_call_foreign_function: 4,
};

/** A field of protobuf that has a length, and an entry of a map. */
const field = (number, value) => {
  const length = value.length < 0x80 ? [value.length] : [(value.length & 0x7f) | 0x80, value.length >> 7];
  return String.fromCharCode((number << 3) | 2, ...length) + value;
};
const entry = (key, value) => field(1, field(1, key) + field(2, value));
const claimed = (appid, openid) =>
  entry('envoy.filters.http.jwt_authn', entry('claims', field(5, entry('appid', appid) + entry('sub', openid))));
/** What `jwt_authn` may have left, whole and broken. */
const METADATA = [
  claimed(field(3, 'WXA'), field(3, 'o')),
  ...['', 'a b', '\xff', 'x'.repeat(200)].map((appid) => claimed(field(3, appid), field(3, 'o'))),
  claimed(field(3, 'WXA'), '\x11o-alice!'),
  claimed(field(3, 'WXA'), '\x20\x01'),
  claimed(field(3, 'WXA'), field(5, field(3, 'o'))),
  claimed(field(3, 'WXA'), '\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01o'),
  claimed(field(3, 'WXA'), field(3, 'o')).slice(0, -1),
  '\xff'.repeat(20),
  '\x0b',
];

const REQUEST = ['proxy_on_request_headers', 'proxy_on_request_body', 'proxy_on_request_trailers'];
const RESPONSE = ['proxy_on_response_headers', 'proxy_on_response_body', 'proxy_on_response_trailers'];
const OTHER = ['proxy_on_done', 'proxy_on_log', 'proxy_on_foreign_function'];

/** Does what a scenario says. Throws what it should not come to. */
function play(host, root, scenario) {
  const stream = host.open(root, scenario.head.map((pair) => [...pair]), { ...scenario.properties });
  const faults = new Map(scenario.faults);
  host.fault = (name, given) => {
    const fault = faults.get(name);
    if (fault === undefined) return undefined;
    if (typeof fault === 'number') return fault;
    return host.give(GIFTS[fault], given[GIVES[name]], given[GIVES[name] + 1]);
  };
  try {
    for (const [name, body, size, ends] of scenario.steps) {
      if (REQUEST.includes(name)) stream.bodies[BODY.request] = body === null ? null : raw(body);
      if (RESPONSE.includes(name)) stream.bodies[BODY.response] = body === null ? null : raw(body);
      if (name === REQUEST[2]) stream.maps[MAP.requestTrailers] = [['x-wx-openid', 'o-forged']];
      if (name === RESPONSE[0]) stream.maps[MAP.responseHeaders] = scenario.response;
      const given = OTHER.includes(name) ? (name === OTHER[2] ? [1, 0] : []) : name.endsWith('trailers') ? [size] : [size, ends];
      const action = host.call(stream, name, ...given);
      const done = stream.done;
      // The body of the open API is passed as it came.
      const isOpen = scenario.head.some(([name, value]) => name === ':path' && value.startsWith('/v1/cloudrun/'));
      const isMade = done.includes('headers 0') && (isOpen || done.includes('body 0'));
      if (REQUEST.includes(name) && action === CONTINUE && !stream.local && !isMade) {
        throw new Error(`${name}: the caller's own request goes on`);
      }
    }
  } finally {
    host.fault = null;
  }
  host.close(stream.id);
  return stream;
}

function choose(next, list) {
  return list[next() % list.length];
}

function scenario(next) {
  const often = (times) => next() % times > 0;
  const head = HEAD.filter(() => often(12));
  for (const pair of [[':path', '/?x'], [':path', '\xff'], ['connection', 'x, ,y'], [':authority', '[::1'], ['content-length', '99999999999999999999'], ['content-length', '102401'],
    ['authorization', 'b'], ['authorization', '\xff\xfe'], [':method', ''], ['x-forwarded-proto', '\0']]) {
    if (!often(25)) head.push(pair);
  }
  if (!often(4)) {
    const [, path] = choose(next, [[':path', '/v1/cloudrun/shop/x?y'], [':path', '/v1/cloudrun/shop'], [':path', '/v1/cloudrun/\xff/']]);
    const at = head.findIndex(([name]) => name === ':path');
    if (at >= 0) head[at] = [':path', path];
  }
  const response = [[':status', '200'], ['content-type', 'text/plain']].filter(() => often(8));
  for (const pair of [[':status', 'x'], ['content-length', '3'], ['content-length', '1024001'], ['x\xff', 'y'], ['', ''], ['set-cookie', 'a']]) {
    if (!often(20)) response.push(pair);
  }
  if (!often(30)) for (let at = 0; at < 3000; at += 1) response.push([`x-${at}`, 'v']);
  const properties = {};
  for (const [name, values] of [
    ['response\0code_details', ['via_upstream', 'via_upstream', 'upstream_response_timeout', 'x', '\xff']],
    ['source\0address', ['192.0.2.7:1', '[::1]:1', 'pipe', '\xff']],
    ['request\0id', ['7', '\xff']],
    ['metadata', METADATA],
  ]) {
    if (often(3)) properties[name] = choose(next, values);
  }
  const faults = [];
  for (const name of FUNCTIONS) {
    if (!often(8)) faults.push([name, often(2) && GIVES[name] ? choose(next, Object.keys(GIFTS)) : choose(next, STATUSES)]);
  }
  const bodies = [null, '', CALL, CALL, CALL, CALL.slice(0, 9), '\xff'.repeat(9), '['.repeat(3000), 'a'.repeat(102_401), '{"a":1}'];
  const sizes = [null, null, null, 0, 1, 102_400, 102_401, 1_024_001, -1];
  const step = (name) => {
    const body = choose(next, bodies);
    return [name, body, choose(next, sizes) ?? (body ?? '').length, next() % 2];
  };
  // In order, but for what is left out, said again and said too early.
  let steps = [
    [REQUEST[0], null, 4, often(6) ? 0 : 1],
    [REQUEST[1], CALL, CALL.length, often(3) ? 1 : 0],
    ...(often(2) ? [] : [[REQUEST[2], CALL, 1, 1]]),
    [RESPONSE[0], null, 2, often(4) ? 0 : 1],
    [RESPONSE[1], 'text', 4, often(3) ? 1 : 0],
    ...(often(3) ? [] : [[RESPONSE[2], 'text', 1, 1]]),
  ];
  const changes = next() % 5;
  for (let change = 0; change < changes; change += 1) {
    const at = next() % (steps.length + 1);
    const name = choose(next, [...REQUEST, ...RESPONSE, ...OTHER]);
    if (often(2)) steps.splice(at, 0, step(name));
    else if (often(2)) steps = steps.filter((_, other) => other !== at);
    else if (at < steps.length) steps.push(steps[at]);
  }
  return { head, response, properties, faults, steps };
}

/** All flows of a call, each with one function that does not do what it should. */
function* single() {
  const request = [[REQUEST[0], null, 4, 0], [REQUEST[1], CALL.slice(0, 5), 5, 0], [REQUEST[1], CALL, CALL.length, 1]];
  const flows = [
    [...request, [RESPONSE[0], null, 2, 0], [RESPONSE[1], 'text', 4, 1]],
    [...request, [RESPONSE[0], null, 2, 1]],
    [...request.slice(0, 2), [REQUEST[2], CALL, 1, 1], [RESPONSE[0], null, 2, 0], [RESPONSE[1], 'te', 2, 0], [RESPONSE[2], 'text', 1, 1]],
    [[REQUEST[0], null, 4, 0], [REQUEST[1], '{}', 2, 1]],
    [[REQUEST[0], null, 4, 1]],
    [...request, ['proxy_on_done']],
    [...request.slice(0, 2), ['proxy_on_done']],
    [...RESPONSE.map((name) => [name, 'text', 4, 1]), ...request],
    [[REQUEST[1], CALL, CALL.length, 1], [REQUEST[2], CALL, 1, 1]],
    [[RESPONSE[1], 'text', 4, 1], [RESPONSE[0], null, 2, 1]],
  ];
  const heads = [HEAD, HEAD.map(([name, value]) => [name, name === ':path' ? '/v1/cloudrun/shop/x' : value]), HEAD.filter(([name]) => name !== 'authorization'), []];
  const responses = [[[':status', '200'], ['a', 'b']], []];
  for (const steps of flows) {
    for (const head of heads) {
      for (const response of responses) {
        const given = { head, response, properties: { 'source\0address': '192.0.2.7:1' }, steps };
        yield { ...given, faults: [] };
        for (const name of FUNCTIONS) {
          for (const fault of [...STATUSES, ...(GIVES[name] ? Object.keys(GIFTS) : [])]) {
            yield { ...given, faults: [[name, fault]] };
          }
        }
      }
    }
  }
}

/** Takes away whatever the failure does not need. */
function smallest(fails, scenario) {
  for (let changed = true; changed;) {
    changed = false;
    for (const part of ['steps', 'faults', 'head', 'response']) {
      for (let at = scenario[part].length - 1; at >= 0; at -= 1) {
        const less = { ...scenario, [part]: scenario[part].filter((_, other) => other !== at) };
        if (fails(less)) [scenario, changed] = [less, true];
      }
    }
    for (const name of Object.keys(scenario.properties)) {
      const { [name]: _, ...properties } = scenario.properties;
      const less = { ...scenario, properties };
      if (fails(less)) [scenario, changed] = [less, true];
    }
  }
  return scenario;
}

const CONFIGURATIONS = [
  '', '{}', 'null', '[', '7', '{"env":7}', '['.repeat(100_000), '{"env":"e","owner":"o","services":[]}', `${CONFIGURATION}x`,
  CONFIGURATION.replace('"e"', '"e e"'), CONFIGURATION.replace('shop', '-'), CONFIGURATION.replace('t0k.en', 't0k en'),
  CONFIGURATION.replace('"WXA"', '"\\ud800"'), '\ufffd\u0000',
];

export function hostile(module, report) {
  let host;
  let root;
  const fresh = () => {
    host = new Host(module);
    root = host.configure(CONFIGURATION);
    if (root === null) throw new Error('the configuration is not taken');
  };
  const outcome = (scenario) => {
    try {
      return play(host, root, scenario);
    } catch (error) {
      return error;
    }
  };
  const kind = (error) => (error instanceof WebAssembly.RuntimeError ? 'trap' : error.message);
  const shown = new Set();
  let [scenarios, replies, sent] = [0, 0, 0];
  const check = (scenario) => {
    scenarios += 1;
    const stream = outcome(scenario);
    if (!(stream instanceof Error)) {
      if (stream.local) replies += 1;
      if (stream.done.includes('clear_route_cache')) sent += 1;
      return;
    }
    const is = kind(stream);
    fresh();
    // One of a kind is enough.
    if (shown.has(is)) {
      report(`hostile proxy: ${is}`);
      return;
    }
    shown.add(is);
    const small = smallest((less) => {
      const found = outcome(less);
      if (!(found instanceof Error)) return false;
      fresh();
      return kind(found) === is;
    }, scenario);
    const text = JSON.stringify(small);
    fresh();
    const error = outcome(small);
    report(`hostile proxy: ${is}: ${host.lines.at(-1)?.[1] ?? error.stack?.split('\n').slice(0, 3).join(' ')}\n  ${text.slice(0, 1500)}`);
    fresh();
  };

  fresh();
  for (const scenario of single()) check(scenario);
  const next = random(19);
  while (scenarios < SCENARIOS) check(scenario(next));
  if (replies < scenarios / 10 || sent < scenarios / 10) report('the hostile proxies hardly come to an answer');
  // Not broken by any of that.
  const steps = [[REQUEST[0], null, 4, 0], [REQUEST[1], CALL, CALL.length, 1], [RESPONSE[0], null, 1, 0], [RESPONSE[1], 'text', 4, 1]];
  const plain = outcome({ head: HEAD, response: [[':status', '200']], properties: {}, faults: [], steps });
  if (!plain.local?.body.startsWith('{"statusCode":200,')) report(`behind hostile proxies, a call fails: ${JSON.stringify(plain)}`);

  for (const configuration of CONFIGURATIONS) {
    const alone = new Host(module);
    try {
      if (alone.configure(configuration) !== null) report(`a configuration is taken: ${configuration.slice(0, 99)}`);
      const [level, line] = alone.lines.at(-1) ?? [];
      if (level !== 5 || !line.startsWith('callcontainer: the configuration is wrong: ')) report(`a configuration is refused with: ${line}`);
    } catch (error) {
      report(`configuration ${configuration.slice(0, 99)}: ${error.message}`);
    }
  }
  const silent = new Host(module);
  silent.fault = (name) => (name === 'proxy_get_buffer_bytes' ? STATUS.internalFailure : undefined);
  if (silent.configure(CONFIGURATION) !== null) report('a configuration is taken that the proxy has not told');
  return [['hostile scenarios', scenarios], ['of them answered', replies], ['of them sent on', sent], ['wrong configurations', CONFIGURATIONS.length + 1]];
}

const SCENARIOS = 30_000;
