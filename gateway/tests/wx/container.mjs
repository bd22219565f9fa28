// A container service that answers with what it saw, and a gateway in front of it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

/** Starts a service. Paths say how it answers; `seen` holds what it saw, and is emptied by whoever looks. */
export async function startContainer() {
  const seen = [];
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const { method, url, headers } = request;
    seen.push({ method, url, headers, body });
    const { pathname, searchParams } = new URL(url, 'http://container');
    const answers = {
      '/text': () => response.setHeader('content-type', 'text/plain').end('{"not": "parsed"}'),
      '/broken': () => response.end('{"no json'),
      '/half': () => response.end('{"code":0,"name":"\\ud83d"}'),
      '/bytes': () => response.end(Buffer.from([0, 1, 2, 253, 254, 255])),
      '/back': () => response.end(body),
      '/empty': () => response.writeHead(204).end(),
      '/cookies': () => response.setHeader('set-cookie', ['a=1', 'b=2; Path=/']).end('[]'),
      '/status': () => response.writeHead(Number(searchParams.get('code'))).end('{"status":true}'),
      '/size': () => response.end('x'.repeat(Number(searchParams.get('bytes')))),
      '/never': () => {},
    };
    const answer = answers[pathname] ?? (() => response.end(JSON.stringify({ method, url, headers, body: body.toString() })));
    answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `127.0.0.1:${server.address().port}`, seen, stop };
}

/** Starts the built gateway with these options, and waits until it is ready. */
export async function startGateway(options) {
  const program = process.env.GATEWAY;
  if (program === undefined) throw new Error('GATEWAY does not name the program of the gateway');
  const child = spawn(program, ['--listen', '127.0.0.1:0', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => { throw new Error(`the gateway ended with ${code}: ${log.join('\n')}`); }),
  ]);
  const url = /^listening on (http:\/\/\S+)$/.exec(line)?.[1];
  if (url === undefined) throw new Error(`the gateway said: ${line}`);
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url, log, stop };
}
