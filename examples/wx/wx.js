'use strict';

// The part of a Mini Program's `wx` that calls containers, for Node.js: code written for a Mini Program runs unchanged
// against a gateway on this machine. It knows the call object, the envelope and the result; what a call means is the
// gateway's business.
//
//     const { createWx } = require('./wx.js');
//     globalThis.wx = createWx({ gateway: 'http://127.0.0.1:8080', token: 's3cret' });
//
// Needs Node.js 20 and nothing else.

const FIRST_VERSION = '2.23.0';
// A gateway ends every call after 15 s. When it does not, it is gone.
const PATIENCE_MS = 20_000;

const NOT_INITIALISED = { errCode: -1, errMsg: "errCode: -1  | errMsg: Cloud API isn't enabled, please call wx.cloud.init first" };

/** Why a call failed, as the platform says it: a code, and a message with the code in it. */
class CallError extends Error {
  constructor({ errCode, errMsg, callID }) {
    super(errMsg);
    this.name = 'Error';
    this.errMsg = errMsg;
    if (errCode !== undefined) this.errCode = errCode;
    if (callID !== undefined) this.callID = callID;
  }
}

/**
 * Makes a `wx`.
 *
 * @param {object} options
 * @param {string} options.gateway the gateway's URL
 * @param {string} [options.token] the bearer token that says who calls; without it the call is another client's
 * @param {string} [options.version] the version of the base library; before 2.23.0 there is no `callContainer`
 * @param {() => (void | Promise<void>)} [options.onInit] what the `init` of a `wx.cloud.Cloud` waits for, if it gives a
 *   promise: until that is done, a call fails. `wx.cloud.init` waits for nothing.
 */
function createWx({ gateway, token, version = FIRST_VERSION, onInit = () => {} }) {
  /** One holder of `callContainer`: `wx.cloud` itself, or an instance for another app's environment. */
  class Cloud {
    #enabled = false;
    #resource;
    /** What the first `init` asked for. Those after it change nothing. */
    #defaults;

    constructor(options) {
      const { resourceAppid, resourceEnv, identityless } = options ?? {};
      this.#resource = { resourceAppid: nonEmpty(resourceAppid), resourceEnv: nonEmpty(resourceEnv), identityless };
      if (!isBefore(version, FIRST_VERSION)) {
        this.callContainer = (call) => deliver(call ?? {}, () => this.#call(call ?? {}));
      }
    }

    async init(options) {
      this.#settle(options);
      const waiting = onInit();
      if (typeof waiting?.then === 'function') await waiting;
      this.#enabled = true;
    }

    /** `wx.cloud.init` needs no waiting for. */
    static global() {
      const cloud = new Cloud();
      cloud.init = (options) => {
        cloud.#settle(options);
        cloud.#enabled = true;
      };
      cloud.Cloud = Cloud;
      return cloud;
    }

    #settle(options) {
      const { env, identityless } = options ?? {};
      // An environment may be named for each kind of service. Of these, functions are what a container is likest to.
      this.#defaults ??= { env: nonEmpty(env) ?? nonEmpty(env?.functions), identityless };
    }

    async #call(call) {
      if (!this.#enabled) throw new CallError(NOT_INITIALISED);
      const { config, responseType } = call;
      const { resourceAppid, resourceEnv } = this.#resource;
      const env = nonEmpty(config?.env) ?? this.#defaults.env;
      const identityless = [call, config, this.#defaults, this.#resource].some((options) => options?.identityless === true);
      const envelope = encode(call, { config: env && { env }, resourceAppid, resourceEnv });
      return decode(await exchange(gateway, identityless ? undefined : token, envelope), responseType);
    }
  }

  return { cloud: Cloud.global() };
}

/** Gives the outcome to the callbacks of a call where it has any, and otherwise as a promise. */
function deliver({ success, fail, complete }, outcome) {
  const callbacks = [success, fail, complete].filter((callback) => typeof callback === 'function');
  if (callbacks.length === 0) return outcome();
  const tell = (callback, value) => {
    try {
      if (typeof callback === 'function') callback(value);
    } finally {
      if (typeof complete === 'function') complete(value);
    }
  };
  // What a callback throws is not ours to catch: it surfaces as an unhandled rejection.
  outcome().then((result) => tell(success, result), (error) => tell(fail, error));
  return undefined;
}

/**
 * The request envelope: what is in force of a call, beside where it goes. What the platform does not know, or takes for
 * not given, is undefined here, and JSON leaves it out.
 */
function encode(call, place) {
  const { path, service, timeout, dataType, responseType } = call;
  const method = string(call.method);
  const header = headers(call.header);
  try {
    return JSON.stringify({
      ...place,
      path: string(path),
      service: nonEmpty(service),
      method,
      header,
      timeout: milliseconds(timeout),
      dataType: nonEmpty(dataType),
      responseType: nonEmpty(responseType),
      ...body(call.data, method, header),
    });
  } catch (error) {
    throw new CallError({ errMsg: `cloud.callContainer:fail Error: ${error.message}` });
  }
}

function string(value) {
  return typeof value === 'string' ? value : undefined;
}

function nonEmpty(value) {
  return string(value) || undefined;
}

/** No number, and none that is at least 1, is none given. */
function milliseconds(timeout) {
  return typeof timeout === 'number' && timeout >= 1 ? Math.min(Math.trunc(timeout), Number.MAX_SAFE_INTEGER) : undefined;
}

/** Of headers whose names differ in letter case alone, the last counts. */
function headers(header) {
  if (typeof header !== 'object' || header === null) return undefined;
  const fields = new Map(Object.entries(header).map(([field, value]) => [field.toLowerCase(), [field, headerValue(value)]]));
  return Object.fromEntries(fields.values());
}

function headerValue(value) {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : Object.prototype.toString.call(value);
}

/** The members of an envelope that hold its data. */
function body(data, method = 'GET', header = {}) {
  if (typeof data === 'string') return { data: data.toWellFormed() };
  if (typeof data !== 'object' || data === null) return { data };
  if (isArrayBuffer(data)) {
    return { __nativeBuffers__: [{ key: 'data', base64: Buffer.from(data).toString('base64') }] };
  }
  if (method.toUpperCase() === 'GET') return { data: pairs(data, inQuery) };
  return { data: isForm(header) ? pairs(data, String) : data };
}

function inQuery(value) {
  return String(typeof value === 'object' ? JSON.stringify(value) : value);
}

function isForm(header) {
  const [, type = ''] = Object.entries(header).find(([field]) => field.toLowerCase() === 'content-type') ?? [];
  return type.split(';')[0].trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

/** What becomes the pairs of a query or a form. `spell` gives the text of a value there, as JavaScript has it. */
function pairs(data, spell) {
  const member = (value) => (isHeldByJson(value, spell) ? value : spell(value));
  if (Array.isArray(data)) return Array.from(data, member);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, member(value)]));
}

/** Whether the gateway, which sees what JSON holds of a value, gives it the same text. It spells as JavaScript does. */
function isHeldByJson(value, spell) {
  try {
    return spell(JSON.parse(JSON.stringify(value))) === spell(value);
  } catch {
    return false;
  }
}

/** Sends an envelope and receives the answer. */
async function exchange(gateway, token, envelope) {
  const headers = { 'content-type': 'application/json' };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  let response, text;
  try {
    response = await fetch(gateway, {
      method: 'POST',
      headers,
      body: envelope,
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    text = await response.text();
  } catch (error) {
    if (error.name === 'TimeoutError') throw failure(102002, '请求超时');
    throw failure(-501001, `no answer from the gateway: ${error.cause?.message ?? error.message}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw failure(-501001, `no envelope from the gateway, but HTTP ${response.status}`);
  }
}

/** The result that a reply envelope holds. */
function decode(reply, responseType) {
  const { errCode, errno, errMsg, callID, statusCode } = reply;
  const code = errCode || errno;
  if (code || statusCode === undefined) throw new CallError({ errCode: code, errMsg, callID });
  const { header = {}, cookies = [] } = reply;
  return { data: dataOf(reply, responseType), statusCode, header, cookies, callID, errMsg: errMsg ?? 'cloud.callContainer:ok' };
}

function dataOf({ data, __nativeBuffers__: [buffer] = [] }, responseType) {
  if (buffer !== undefined) {
    // A Buffer may be a part of a larger ArrayBuffer, so it is copied into one of its own.
    return Uint8Array.from(Buffer.from(buffer.base64, 'base64')).buffer;
  }
  if (data !== undefined) return data;
  return responseType === 'arraybuffer' ? new ArrayBuffer(0) : '';
}

function failure(errCode, text) {
  return new CallError({ errCode, errMsg: `cloud.callContainer:fail Error: errCode: ${errCode} | errMsg: ${text}` });
}

/** `instanceof` does not know the ArrayBuffer of another context. */
function isArrayBuffer(value) {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

function isBefore(version, other) {
  const [parts, others] = [version, other].map((text) => text.split('.').map(Number));
  for (let at = 0; at < others.length; at += 1) {
    const [part, bound] = [parts[at] ?? 0, others[at]];
    if (part !== bound) return part < bound;
  }
  return false;
}

exports.createWx = createWx;
