// A host of proxy-wasm 0.2 in memory, which does with a filter what Envoy does: bodies are kept while the filter says
// "pause", a local response ends a call, and what was set takes the place of what came.

export const [CONTINUE, PAUSE] = [0, 1];
export const STATUS = { ok: 0, notFound: 1, badArgument: 2, internalFailure: 10, unimplemented: 12 };
export const MAP = { requestHeaders: 0, requestTrailers: 1, responseHeaders: 2, responseTrailers: 3 };
export const BODY = { request: 0, response: 1 };
const CONFIGURATION = 7;
const ROOT = 1;

const text = (bytes) => Buffer.from(bytes).toString('latin1');
const raw = (string) => Buffer.from(string, 'latin1');

/** Headers as proxy-wasm has them. Texts are Latin-1: a character is a byte. */
export function serialized(pairs) {
  const parts = pairs.flat().map(raw);
  const head = Buffer.alloc(4 + 4 * parts.length);
  head.writeUInt32LE(pairs.length);
  parts.forEach((part, at) => head.writeUInt32LE(part.length, 4 + 4 * at));
  return Buffer.concat([head, ...parts.flatMap((part) => [part, Buffer.alloc(1)])]);
}

function deserialized(bytes) {
  if (bytes.length === 0) return [];
  const count = bytes.readUInt32LE();
  let at = 4 + 8 * count;
  const part = (number) => {
    const length = bytes.readUInt32LE(4 + 4 * number);
    const value = text(bytes.subarray(at, at + length));
    at += length + 1;
    return value;
  };
  const pairs = Array.from({ length: count }, (_, number) => [part(2 * number), part(2 * number + 1)]);
  if (at !== bytes.length) throw new Error('the headers have another length than they say');
  return pairs;
}

let instances = 0n;

/** One instance of the filter. */
export class Host {
  constructor(module) {
    this.module = module;
    this.streams = new Map();
    this.lines = [];
    // No two instances are at the same time.
    this.now = 1_700_000_000_123_000_000n + instances++;
    this.nextId = ROOT;
    /** What a function does instead: takes its name and arguments, and returns a status or nothing. */
    this.fault = null;
    /** Functions that the filter has called and that are not here. */
    this.unknown = new Set();
    const env = {};
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      if (from !== 'env' || kind !== 'function') throw new Error(`the filter imports ${from}.${name}`);
      env[name] = (...given) => {
        const status = this.fault?.(name, given);
        if (status !== undefined && status !== null) return status;
        if (this[name]) return this[name](...given);
        this.unknown.add(name);
        return STATUS.unimplemented;
      };
    }
    this.instance = new WebAssembly.Instance(module, { env });
    this.exports = this.instance.exports;
    this.exports._initialize?.();
  }

  get memory() {
    return Buffer.from(this.exports.memory.buffer);
  }

  get size() {
    return this.exports.memory.buffer.byteLength;
  }

  read(at, length) {
    return Buffer.from(this.memory.subarray(at, at + length));
  }

  give(bytes, at, length) {
    const allocate = this.exports.proxy_on_memory_allocate ?? this.exports.malloc;
    const place = bytes.length === 0 ? 0 : allocate(bytes.length);
    const memory = this.memory;
    bytes.copy(memory, place);
    memory.writeUInt32LE(place, at);
    memory.writeUInt32LE(bytes.length, length);
    return STATUS.ok;
  }

  // ------------------------------------------------------------ contexts

  /** Loads a configuration; says whether the filter takes it. */
  configure(configuration, rootId = 'callcontainer') {
    this.rootId = rootId;
    const id = this.nextId++;
    this.configuration = Buffer.from(configuration, 'utf8');
    this.exports.proxy_on_context_create(id, 0);
    if (!this.exports.proxy_on_vm_start(id, 0)) return null;
    return this.exports.proxy_on_configure(id, this.configuration.length) ? id : null;
  }

  open(root, headers, properties = {}) {
    const id = this.nextId++;
    const stream = {
      id,
      maps: [headers, null, null, null],
      bodies: [null, null],
      properties: { 'connection\0id': '\x07\0\0\0\0\0\0\0', ...properties },
      notes: {},
      done: [],
      local: null,
    };
    this.streams.set(id, stream);
    this.exports.proxy_on_context_create(id, root);
    return stream;
  }

  close(id) {
    this.exports.proxy_on_done(id);
    this.exports.proxy_on_log(id);
    this.exports.proxy_on_delete(id);
    this.streams.delete(id);
  }

  call(stream, name, ...given) {
    this.current = stream;
    const before = stream.done.length;
    const action = this.exports[name](stream.id, ...given);
    this.current = null;
    if (name === 'proxy_on_response_body' && action === CONTINUE) this.replaced(stream, stream.done.slice(before));
    return action;
  }

  /** A reply in the place of a whole response is the answer to the call, as if the proxy had been told to give it. */
  replaced(stream, done) {
    if (stream.local || !done.includes('headers 2') || !done.includes('body 1')) return;
    const headers = stream.maps[MAP.responseHeaders];
    const body = text(stream.bodies[BODY.response]);
    const [status, length] = [':status', 'content-length'].map((name) => headers.filter((one) => one[0] === name));
    if (status.length !== 1 || length.length !== 1 || Number(length[0][1]) !== body.length) {
      throw new Error('a reply has no status, or another length than it says');
    }
    const others = headers.filter((one) => one !== status[0] && one !== length[0]);
    stream.local = { status: Number(status[0][1]), headers: others, body };
  }

  // ------------------------------------------------------------ functions of the ABI

  proxy_log(level, at, length) {
    this.lines.push([level, this.read(at, length).toString('utf8')]);
    return STATUS.ok;
  }

  proxy_get_current_time_nanoseconds(at) {
    this.memory.writeBigUInt64LE(this.now, at);
    return STATUS.ok;
  }

  proxy_set_effective_context() {
    return STATUS.ok;
  }

  proxy_get_buffer_bytes(buffer, start, limit, at, length) {
    const bytes = buffer === CONFIGURATION ? this.configuration : this.current?.bodies[buffer];
    if (!bytes) return STATUS.notFound;
    return this.give(bytes.subarray(start, Math.min(bytes.length, start + (limit >>> 0))), at, length);
  }

  proxy_set_buffer_bytes(buffer, start, length, at, size) {
    const bytes = this.current?.bodies[buffer];
    if (!bytes) return STATUS.badArgument;
    const end = Math.min(bytes.length, start + (length >>> 0));
    this.current.bodies[buffer] = Buffer.concat([bytes.subarray(0, start), this.read(at, size), bytes.subarray(end)]);
    this.current.done.push(`body ${buffer}`);
    return STATUS.ok;
  }

  /** As in Envoy, whoever asks for the trailers of a request adds them. */
  addTrailers(map) {
    if (map === MAP.requestTrailers && this.current) this.current.maps[map] ??= [];
  }

  proxy_get_header_map_pairs(map, at, length) {
    this.addTrailers(map);
    const pairs = this.current?.maps[map];
    if (!pairs) return STATUS.badArgument;
    return this.give(pairs.length === 0 ? Buffer.alloc(0) : serialized(pairs), at, length);
  }

  proxy_set_header_map_pairs(map, at, length) {
    this.addTrailers(map);
    if (!this.current?.maps[map]) return STATUS.badArgument;
    this.current.maps[map] = deserialized(this.read(at, length));
    this.current.done.push(`headers ${map}`);
    return STATUS.ok;
  }

  proxy_get_header_map_value(map, name, nameLength, at, length) {
    const pairs = this.current?.maps[map];
    if (!pairs) return STATUS.badArgument;
    const wanted = text(this.read(name, nameLength)).toLowerCase();
    const values = pairs.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
    if (values.length === 0) return STATUS.notFound;
    return this.give(raw(values.join(',')), at, length);
  }

  proxy_get_property(path, pathLength, at, length) {
    const properties = this.current?.properties ?? { plugin_root_id: this.rootId };
    const value = properties[text(this.read(path, pathLength))];
    if (value === undefined || value === null) return STATUS.notFound;
    return this.give(raw(value), at, length);
  }

  proxy_set_property(path, pathLength, at, length) {
    if (!this.current) return STATUS.badArgument;
    this.current.notes[text(this.read(path, pathLength))] = text(this.read(at, length));
    return STATUS.ok;
  }

  proxy_send_local_response(status, details, detailsLength, body, bodyLength, headers, headersLength) {
    if (!this.current) return STATUS.badArgument;
    if (this.current.local) throw new Error('a call is answered twice');
    this.current.local = {
      status,
      headers: deserialized(this.read(headers, headersLength)),
      body: text(this.read(body, bodyLength)),
    };
    return STATUS.ok;
  }

  proxy_continue_stream(direction) {
    this.current?.done.push(`continue ${direction}`);
    return STATUS.ok;
  }

  proxy_call_foreign_function(name, length) {
    const called = text(this.read(name, length));
    if (called !== 'clear_route_cache') return STATUS.notFound;
    this.current?.done.push(called);
    return STATUS.ok;
  }

  // ------------------------------------------------------------ what Envoy does

  /**
   * Sends the headers that are there, a body in pieces of these sizes, and its end: with the last piece ('whole'), with an
   * empty piece ('late'), or with trailers. Waits behind each step. The result says whether it goes on; it does not when
   * it has been answered.
   */
  *send(stream, direction, body, sizes, ending) {
    const { headers, piece, trailers, map } = DIRECTIONS[direction];
    const goesOn = (action) => !stream.local && action === CONTINUE;
    const waits = (action) => {
      if (!stream.local && action !== PAUSE) throw new Error('something goes on before all has come');
      return !stream.local;
    };
    const isAll = body.length === 0 && ending === 'whole';
    let action = this.call(stream, headers, stream.maps[map].length, isAll ? 1 : 0);
    if (isAll) return goesOn(action);
    if (!waits(action)) return false;
    for (let at = 0; at < body.length;) {
      yield;
      at += sizes(body.length - at);
      // What has come before and what comes now are one buffer.
      stream.bodies[direction] = body.subarray(0, at);
      const isLast = at === body.length && ending === 'whole';
      action = this.call(stream, piece, at, isLast ? 1 : 0);
      if (isLast) return goesOn(action);
      if (!waits(action)) return false;
    }
    yield;
    if (ending === 'late') {
      stream.bodies[direction] ??= Buffer.alloc(0);
      return goesOn(this.call(stream, piece, body.length, 1));
    }
    // Where the data are empty, Envoy has no buffer.
    stream.maps[map + 1] = [['x-wx-openid', 'o-forged']];
    action = this.call(stream, trailers, 1);
    return goesOn(action);
  }

  /** What a proxy says to its filters about its own answer. */
  sayLocal(stream) {
    stream.maps[MAP.responseHeaders] = [[':status', String(stream.local.status)], ...stream.local.headers];
    stream.bodies[BODY.response] = raw(stream.local.body);
    const before = JSON.stringify(stream.local);
    const headers = this.call(stream, 'proxy_on_response_headers', stream.maps[MAP.responseHeaders].length, 0);
    const body = this.call(stream, 'proxy_on_response_body', stream.bodies[BODY.response].length, 1);
    if (headers !== CONTINUE || body !== CONTINUE || JSON.stringify(stream.local) !== before) {
      throw new Error('an answer of the filter does not go out');
    }
  }
}

const DIRECTIONS = [
  {
    headers: 'proxy_on_request_headers',
    piece: 'proxy_on_request_body',
    trailers: 'proxy_on_request_trailers',
    map: MAP.requestHeaders,
  },
  {
    headers: 'proxy_on_response_headers',
    piece: 'proxy_on_response_body',
    trailers: 'proxy_on_response_trailers',
    map: MAP.responseHeaders,
  },
];
