// Preloaded into Node: leads what would go to the platform over TLS to a port of this machine instead, in plain HTTP.
// Nothing else leaves the machine: no name resolves.
'use strict';

const dns = require('node:dns');
const http = require('node:http');
const https = require('node:https');
const { urlToHttpOptions } = require('node:url');

const PLATFORM = /^[a-z0-9-]+\.api(\.intl)?\.tcloudbasegateway\.com$/;
const agent = new http.Agent({ keepAlive: true });

https.request = (url, options, callback) => {
    const meant = urlToHttpOptions(new URL(url));
    if (!PLATFORM.test(meant.hostname)) throw new Error(`not the platform: ${url}`);
    const here = { protocol: 'http:', hostname: '127.0.0.1', port: process.env.OPEN_API_PORT, agent };
    return http.request({ ...meant, ...options, ...here }, callback);
};

dns.lookup = (name, options, callback) => {
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
    process.nextTick(callback ?? options, error);
};
