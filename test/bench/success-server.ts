// A provider that answers every request with success, in a process of its own: sockets and Content-Length, no HTTP
// library, nothing checked and nothing kept, so that a bench measures its clients. Tells its port to its parent, and asked for anything, when requests arrived.
import { createServer, type AddressInfo } from 'node:net';

const body = '{"response":{"code":"000_000","description":"Success."}}';
let answer = answerNow();
/** How many of the requests are answered by 500 instead, by chance: the first argument. */
const faultShare = Number(process.argv[2] ?? 0);
const fault = Buffer.from('HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n');

/** A client may stop at a provider whose clock stands still. */
function answerNow(): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: ${new Date().toUTCString()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

setInterval(() => {
  answer = answerNow();
}, 1_000);

const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;

/** How many whole requests the text begins with, and what is left after them. */
function takeRequests(text: string): { readonly count: number; readonly rest: string } {
  let count = 0;
  let at = 0;
  for (;;) {
    const end = text.indexOf(HEAD_END, at);
    if (end === -1) break;
    const next = end + HEAD_END.length + Number(LENGTH.exec(text.slice(at, end))?.[1] ?? 0);
    if (next > text.length) break;
    at = next;
    count += 1;
  }
  return { count, rest: text.slice(at) };
}

/** Milliseconds, of requests since this was asked last. */
let arrivals: number[] = [];

const server = createServer({ noDelay: true }, (socket) => {
  let waiting = '';
  socket.on('data', (chunk) => {
    const taken = takeRequests(waiting + chunk.toString('latin1'));
    waiting = taken.rest;
    const now = performance.now();
    for (let sent = 0; sent < taken.count; sent += 1) {
      arrivals.push(now);
      socket.write(Math.random() < faultShare ? fault : answer);
    }
  });
  socket.on('error', () => undefined);
});
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('message', () => {
  process.send?.(arrivals);
  arrivals = [];
});
process.on('disconnect', () => {
  process.exit();
});
