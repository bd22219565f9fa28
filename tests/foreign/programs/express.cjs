// The service as an Express application, which believes the proxy in front of it.
'use strict';

const { createHash } = require('node:crypto');
const { appendFileSync } = require('node:fs');
const compression = require('compression');
const express = require('express');
const { getClientIp } = require('request-ip');

const app = express();
app.set('trust proxy', true);
app.use((request, _response, next) => {
    appendFileSync(process.env.SEEN, `${request.method} ${request.originalUrl}\n`);
    next();
});
app.use(compression({ threshold: 0 }));

const limit = '200kb';
const bodies = [
    express.json({ strict: false, limit }),
    express.urlencoded({ limit }),
    express.text({ limit }),
    express.raw({ limit }),
];

app.all('/who', (request, response) => {
    const headers = Object.entries(request.headers);
    const addresses = { 'req.ip': request.ip, 'request-ip': getClientIp(request) };
    response.json({ headers, addresses });
});
app.all('/echo', bodies, (request, response) => {
    if (request.is('json')) response.json(request.body);
    else response.type(request.get('content-type')).send(request.body);
});
app.all('/digest', express.raw({ type: () => true, limit }), (request, response) => {
    const sha256 = createHash('sha256').update(request.body).digest('hex');
    response.json({ length: request.body.length, sha256 });
});
app.all('/args', (request, response) => response.type('text').send(request.originalUrl.split('?')[1]));
app.all('/query', (request, response) => response.json(request.query));
app.all('/form', bodies, (request, response) => response.json(request.body));
app.all('/cookies', (_request, response) => {
    response.append('Set-Cookie', 'a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT').append('Set-Cookie', 'b=2; Path=/').end();
});
app.all('/pieces', (_request, response) => {
    response.type('text');
    for (let number = 0; number < 20; number++) response.write(`${number} 文\n`.repeat(1000));
    response.end();
});
app.all('/large', (request, response) => response.type('text').send('x'.repeat(request.query.n)));
app.all('/status', (request, response) => {
    const status = Number(request.query.code);
    response.status(status).json({ status });
});
app.all('/moved', (_request, response) => response.redirect('/who?from=moved'));
// JavaScript writes half a surrogate pair as an escape.
app.all('/half', (_request, response) => response.json({ code: 0, name: '\ud83d' }));
app.all('/unmodified', (_request, response) => response.status(304).type('text').send('a body that no 304 has'));
app.all('/compressible', (_request, response) => response.type('text').send('as small as you like '.repeat(1000)));
app.use((_request, response) => response.type('text').send('not read'));

app.listen(Number(process.argv[2]), '127.0.0.1');
