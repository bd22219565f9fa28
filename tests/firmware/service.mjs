// The container service that the firmware calls, through the gateway or directly. Prints its port.
import { createServer } from 'node:http';

const archive = Buffer.alloc(1_023_000);
for (let at = 0; at < archive.length; at += 1) archive[at] = 97 + ((at ^ (at >> 7)) % 26);

const server = createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  if (request.method === 'POST' && request.url === '/readings') {
    const { device, millicelsius } = JSON.parse(body);
    const fahrenheit = Math.round((millicelsius / 1000) * 1.8 + 32);
    const identity = Object.keys(request.headers).filter((name) => name.startsWith('x-wx-'));
    const headers = { 'content-type': 'application/json', 'x-identity-headers': identity.length };
    const answer = { accepted: 7, device, fahrenheit, note: '谢谢😀' };
    response.writeHead(201, headers).end(JSON.stringify(answer));
  } else if (request.url === '/archive') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(archive);
  } else if (request.url === '/greeting') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('hello');
  } else {
    response.writeHead(404).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
