import type { ServerResponse } from 'node:http';
import type { Fault } from '../faults/fault.ts';
import type { WireAnswer } from './wire-answer.ts';

/** Sends an answer, or what a fault of the connection leaves of it. */
export function sendAnswer(response: ServerResponse, answer: WireAnswer, fault: Fault | null): void {
  if (fault?.kind === 'unread') {
    drop(response, fault.how);
    return;
  }
  // Redirect to the same address, so that a client which follows is in the log twice.
  if (fault?.kind === 'redirect') response.setHeader('Location', response.req.url ?? '/');
  if (fault?.kind !== 'connection') {
    sendWhole(response, answer);
    return;
  }
  switch (fault.how) {
    case 'reset':
    case 'close':
      drop(response, fault.how);
      return;
    case 'torn':
      sendHalf(response, answer, 'reset');
      return;
    case 'truncated':
      sendHalf(response, answer, 'close');
      return;
    case 'hang':
      // The client's time-out, or the simulator's close(), ends this.
      return;
  }
}

function drop(response: ServerResponse, how: 'reset' | 'close'): void {
  if (how === 'reset') response.socket?.resetAndDestroy();
  else response.socket?.destroy();
}

function sendWhole(response: ServerResponse, answer: WireAnswer): void {
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': answer.body.length });
  response.end(answer.body);
}

/** The announced length is that of the whole body. */
function sendHalf(response: ServerResponse, answer: WireAnswer, how: 'reset' | 'close'): void {
  const { body } = answer;
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': body.length });
  response.write(body.subarray(0, body.length / 2), () => {
    drop(response, how);
  });
}
