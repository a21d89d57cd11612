import type { ServerResponse } from 'node:http';
import type { WireAnswer } from './answers.ts';
import type { Fault } from './fault.ts';

/** Lets an answer out, or what a fault leaves of it. */
export function sendAnswer(response: ServerResponse, answer: WireAnswer, fault: Fault | null): void {
  if (fault === null) {
    sendWhole(response, answer);
    return;
  }
  switch (fault.kind) {
    case 'too_many':
    case 'slow':
      sendWhole(response, answer);
      return;
    case 'server_error':
      sendErrorPage(response, fault.status);
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'truncated':
      sendHalf(response, answer);
      return;
    case 'hang':
      // Ended by the client's patience, or by the sandbox's close().
      return;
  }
}

function sendWhole(response: ServerResponse, answer: WireAnswer): void {
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
}

/** Gateways answer for a broken back end with a page of their own, not with the platform's JSON. */
function sendErrorPage(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/html' });
  response.end(`<html><body><h1>${status}</h1></body></html>\n`);
}

function sendHalf(response: ServerResponse, answer: WireAnswer): void {
  const { body } = answer;
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': Buffer.byteLength(body) });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
}
