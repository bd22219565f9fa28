// The service on Node's http.
'use strict';

const { createHash } = require('node:crypto');
const { appendFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { gzipSync } = require('node:zlib');

const TEXT = 'text/plain';
const JSON_TYPE = 'application/json';

async function answer(request, response) {
    appendFileSync(process.env.SEEN, `${request.method} ${request.url}\n`);
    const { pathname, search, searchParams } = new URL(request.url, 'http://service');
    const pairs = (parameters) => JSON.stringify(Object.fromEntries(parameters));
    const body = async () => Buffer.concat(await request.toArray());
    const send = (type, text, headers = {}) => response.writeHead(200, { 'Content-Type': type, ...headers }).end(text);
    switch (pathname) {
        case '/who': {
            const raw = request.rawHeaders;
            const headers = Object.entries(request.headers);
            for (let at = 0; at < raw.length; at += 2) headers.push([raw[at], raw[at + 1]]);
            return send(JSON_TYPE, JSON.stringify({ headers, addresses: {} }));
        }
        case '/echo':
            return send(request.headers['content-type'] ?? TEXT, await body());
        case '/digest': {
            const bytes = await body();
            const sha256 = createHash('sha256').update(bytes).digest('hex');
            return send(JSON_TYPE, JSON.stringify({ length: bytes.length, sha256 }));
        }
        case '/args':
            return send(TEXT, search.slice(1));
        case '/query':
            return send(JSON_TYPE, pairs(searchParams));
        case '/form':
            return send(JSON_TYPE, pairs(new URLSearchParams((await body()).toString())));
        case '/cookies':
            return send(TEXT, '', { 'Set-Cookie': ['a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT', 'b=2; Path=/'] });
        case '/pieces':
            response.writeHead(200, { 'Content-Type': TEXT });
            for (let number = 0; number < 20; number++) response.write(`${number} 文\n`.repeat(1000));
            return response.end();
        case '/large':
            return send(TEXT, 'x'.repeat(searchParams.get('n')));
        case '/status': {
            const status = Number(searchParams.get('code'));
            return response.writeHead(status, { 'Content-Type': JSON_TYPE }).end(JSON.stringify({ status }));
        }
        case '/moved':
            return response.writeHead(302, { Location: '/who?from=moved' }).end();
        case '/half':
            // JavaScript writes half a surrogate pair as an escape.
            return send(JSON_TYPE, JSON.stringify({ code: 0, name: '\ud83d' }));
        case '/unmodified':
            return response.writeHead(304, { 'Content-Type': TEXT }).end('a body that no 304 has');
        case '/compressible': {
            const text = 'as small as you like '.repeat(1000);
            // To whom does not say what it takes, anything may be sent (RFC 9110, section 12.5.3).
            const small = (request.headers['accept-encoding'] ?? 'gzip').includes('gzip');
            return small ? send(TEXT, gzipSync(text), { 'Content-Encoding': 'gzip' }) : send(TEXT, text);
        }
        default:
            return send(TEXT, 'not read');
    }
}

createServer(answer).listen(Number(process.argv[2]), '127.0.0.1');
