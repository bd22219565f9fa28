// Compares the filter with the library, byte for byte, and puts it into proxies that do what they should not.
//
// node equal.mjs FILTER.wasm CASES
//
// Prints what was compared, and ends with an error when something differs, traps or was not there to be compared.

import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { hostile } from './hostile.mjs';
import { BODY, Host, MAP } from './host.mjs';
import { random } from './random.mjs';

const MADE = 'AN-ID-THAT-THE-FILTER-HAS-MADE--';
const [filter, list] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(filter));
const raw = (string) => Buffer.from(string, 'latin1');

const cases = [];
for await (const line of createInterface({ input: createReadStream(list), crlfDelay: Infinity })) {
  cases.push(JSON.parse(line));
}

// ---------------------------------------------------------------- one case

/** How a body comes: sizes of its pieces, and how it ends. */
const WAYS = [
  ['whole', () => (left) => left],
  ['whole', (length, next) => (length > 4096 ? odd(length, next) : () => 1)],
  ['trailers', (length, next) => odd(length, next)],
  ['late', (length, next) => odd(length, next)],
];

function odd(length, next) {
  const most = Math.max(40, length >> 5);
  return (left) => Math.min(left, 1 + (next() % most));
}

const made = new Set();
const counts = new Map();
const count = (what) => counts.set(what, (counts.get(what) ?? 0) + 1);

class Difference extends Error {}

function same(what, actual, expected) {
  const [one, other] = [actual, expected].map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  if (one !== other) {
    throw new Difference(`${what}:\n  filter  ${JSON.stringify(one)?.slice(0, 2000)}\n  library ${JSON.stringify(other)?.slice(0, 2000)}`);
  }
}

/** The bytes that are expected, with the ID that the filter has made. */
function expectedBytes(stream, expected) {
  if (!expected.includes(MADE)) return expected;
  const id = / call=(\S+)/.exec(stream.notes.line)?.[1] ?? stream.notes.call ?? '';
  if (!/^1700000000123-0\.\d{16}$/.test(id)) throw new Difference(`an ID is made as ${id}`);
  if (stream.made !== id && made.has(id)) throw new Difference(`the ID ${id} is made twice`);
  stream.made = id;
  made.add(id);
  return expected.replaceAll(MADE, id);
}

const JSON_TYPE = ['content-type', 'application/json'];

function compareAnswer(stream, expected, length) {
  const is401 = expected.status === 401;
  if (!stream.local) throw new Difference('the call is not answered');
  same('status', stream.local.status, is401 ? 401 : 200);
  same('headers', stream.local.headers, is401 ? [JSON_TYPE, ['www-authenticate', 'Bearer']] : [JSON_TYPE]);
  const short = expected.short && expectedBytes(stream, expected.short);
  if (short !== stream.local.body) same('envelope', stream.local.body, expectedBytes(stream, expected.envelope));
  const isTooLong = expected.code === '-606001';
  const line = is401
    ? ' event=rejected status=401'
    : expectedBytes(stream, expected.line) + (expected.code ? ` code=${expected.code}` : ` status=${expected.status}`);
  // What is too long does not come as a whole.
  const end = is401 ? '' : ` in=${isTooLong ? '' : length} out=${stream.local.body.length}`;
  const noted = isTooLong ? stream.notes.line.replace(/ in=\d+/, ' in=') : stream.notes.line;
  same('line of the log', is401 ? noted.slice(0, line.length) : noted, line + end);
}

/** Runs a case, a callback at a time. */
function* run(host, root, number, given, way) {
  const next = random(number * 4 + way + 1);
  const stream = host.open(root, [...given.headers], given.properties);
  try {
    const body = raw(given.body);
    const [ending, sizes] = WAYS[way];
    const goesOn = yield* host.send(stream, BODY.request, body, sizes(body.length, next), ending);
    if (given.refused) {
      if (goesOn) throw new Difference('the call goes on');
      compareAnswer(stream, given.refused, body.length);
      host.sayLocal(stream);
      return;
    }
    if (!goesOn) throw new Difference(`the call does not go on: ${JSON.stringify(stream.local)}`);
    same('headers', stream.maps[MAP.requestHeaders], given.request.headers);
    same('body', stream.bodies[BODY.request].toString('latin1'), given.request.body);
    if (ending === 'trailers') same('trailers', stream.maps[MAP.requestTrailers], []);
    const done = stream.done.filter((what) => what !== `headers ${MAP.requestTrailers}`);
    same('what is done', done, ['headers 0', 'body 0', 'clear_route_cache']);
    // Told now, for what the proxy answers without asking the filter.
    if (stream.notes.call !== undefined) same('noted call', stream.notes.call, expectedBytes(stream, given.request.call));
    yield;

    const { answer, reply } = given;
    // A proxy that is not Envoy may have no details.
    if (answer.details) stream.properties['response\0code_details'] = answer.details;
    else if (number % 3 > 0) stream.properties['response\0code_details'] = 'via_upstream';
    stream.maps[MAP.responseHeaders] = [...answer.headers];
    const content = raw(answer.body);
    const [end, cut] = WAYS[(way + number) % WAYS.length];
    const passes = yield* host.send(stream, BODY.response, content, cut(content.length, next), end);
    if (passes) throw new Difference('a response goes on as it is');
    compareAnswer(stream, reply, body.length);
    host.sayLocal(stream);
  } finally {
    host.close(stream.id);
  }
}

/** Runs a case to its end; with nothing else in between. */
function whole(host, root, number, given, way) {
  for (const steps = run(host, root, number, given, way); !steps.next().done;);
}

// ---------------------------------------------------------------- all of them

let failures = 0;

function report(text) {
  failures += 1;
  if (failures <= 10) console.log(text);
}

function failed(host, number, given, way, error) {
  const isTrap = error instanceof WebAssembly.RuntimeError;
  report(`${given.name} (case ${number}, way ${way}): ${isTrap ? `trap: ${host.lines.at(-1) ?? error.message}` : error.message}`);
  if (!isTrap && !(error instanceof Difference)) console.log(error.stack);
}

function configured(host, given) {
  const root = host.configure(given.configuration);
  if (root === null) throw new Difference(`the configuration is not taken: ${host.lines.at(-1)}`);
  return root;
}

function equality() {
  let host = new Host(module);
  for (const [number, given] of cases.entries()) {
    const seen = new Set();
    for (let way = 0; way < WAYS.length; way += 1) {
      if (given.body.length > 20_000 && number % 2 === way % 2) continue;
      try {
        const root = configured(host, given);
        whole(host, root, number, given, way);
        host.close(root);
        seen.add(way);
      } catch (error) {
        failed(host, number, given, way, error);
        host = new Host(module);
        break;
      }
    }
    if (seen.size === 0) continue;
    count('cases');
    count(`cases of ${/(?:seeds|corpus)\/(\w+)/.exec(given.name)?.[1] ?? /hostile|examples/.exec(given.name)?.[0] ?? 'none'}`);
    if (given.refused) {
      count(`refused ${given.refused.code}${given.refused.status === 401 ? ' with 401' : ''}`);
    } else {
      count(`sent ${given.request.caller}`);
      count(given.reply.code ? `failed ${given.reply.code}` : 'replied');
    }
    for (const way of seen) count(`way ${way}`);
  }
}

// ---------------------------------------------------------------- memory

const [WARM, CALLS] = [2000, 10_000];
const AT_ONCE = 64;

/** Runs many calls at a time, some of which end before they are answered; says how much the memory has grown. */
function memory() {
  const host = new Host(module);
  const largest = [...cases.entries()].sort(([, a], [, b]) => size(b) - size(a)).slice(0, 40);
  const next = random(7);
  const others = [...cases.entries()].filter(([, given]) => given.refused?.code !== '-501000');
  const roots = new Map();
  const rootOf = (given) => {
    if (!roots.has(given.configuration)) {
      if (roots.size >= 200) {
        for (const [configuration, root] of roots) {
          if (root.calls === 0) {
            host.close(root.id);
            roots.delete(configuration);
          }
        }
      }
      roots.set(given.configuration, { id: configured(host, given), calls: 0 });
    }
    return roots.get(given.configuration);
  };
  let ended = 0;
  const round = (calls) => {
    const open = [];
    for (let begun = 0; begun < calls || open.length > 0;) {
      if (begun < calls && open.length < AT_ONCE) {
        const [number, given] = begun % 50 === 0 ? largest[next() % largest.length] : others[next() % others.length];
        const root = rootOf(given);
        root.calls += 1;
        open.push({ root, number, given, way: begun % WAYS.length, steps: run(host, root.id, number, given, begun % WAYS.length) });
        begun += 1;
      }
      const at = next() % open.length;
      const { root, number, given, way, steps } = open[at];
      let done = true;
      try {
        // A caller goes away, whatever has come.
        if (next() % 400 === 0) {
          steps.return();
          ended += 1;
        } else {
          done = false;
          for (let step = 0; step < 8 && !done; step += 1) done = steps.next().done;
        }
      } catch (error) {
        failed(host, number, given, way, error);
      }
      if (done) {
        root.calls -= 1;
        open.splice(at, 1);
      }
    }
  };
  const start = host.size;
  round(WARM);
  const before = host.size;
  round(CALLS);
  const after = host.size;
  const [kib, kibBefore, kibAfter] = [start, before, after].map((bytes) => bytes >> 10);
  console.log(`memory: ${kib} KiB at start, ${kibBefore} after ${WARM} calls, ${kibAfter} after ${CALLS} more; ${AT_ONCE} at a time`);
  if (after > before) report(`the memory has grown by ${after - before} bytes`);
  counts.set('calls at a time', WARM + CALLS);
  counts.set('calls left by the caller', ended);
}

function size(given) {
  return given.body.length + (given.answer?.body.length ?? 0);
}

// ---------------------------------------------------------------- the result

/** What there must be at least, so that nothing is left out unseen. */
const REQUIRED = {
  'cases of examples': 40, 'cases of hostile': 300, 'cases of decode_request': 15, 'cases of reencode': 10,
  'cases of stream_decode': 12, 'cases of http_request': 7, 'cases of container': 15, 'cases of decode_reply': 10,
  'cases of json': 10, 'cases of base64': 7, 'cases of message': 15, 'sent own': 100, 'sent reuse': 10, 'sent public': 100,
  replied: 300, 'failed -501001': 100, 'failed -606002': 10, 'failed 102002': 10, 'refused -501000': 100,
  'refused -501000 with 401': 50, 'refused 40097': 30, 'refused 102005': 10, 'refused -606001': 2, 'way 0': 1000, 'way 1': 1000,
  'way 2': 1000, 'way 3': 1000, 'calls left by the caller': 50, 'hostile scenarios': 20_000, 'wrong configurations': 10,
};

const start = Date.now();
equality();
memory();
for (const [what, times] of hostile(module, report)) counts.set(what, times);

for (const [what, times] of [...counts].sort()) console.log(`${String(times).padStart(8)}  ${what}`);
for (const [what, least] of Object.entries(REQUIRED)) {
  if (!(counts.get(what) >= least)) report(`there are less than ${least} of: ${what}`);
}
console.log(`${failures === 0 ? 'ok' : `${failures} failures`}, in ${((Date.now() - start) / 1000).toFixed(1)} s`);
process.exit(failures === 0 ? 0 : 1);
