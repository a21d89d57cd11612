import type { Dispatcher } from 'undici';
import { expect, test } from 'vitest';
import { CallExchange } from '../../src/konaplate/transport/call-exchange.ts';
import { instant } from './client-world.ts';

/** The part of undici that may start a request a second time; no real server can make it do so today. */
function startOf(exchange: CallExchange): { start: () => void; aborted: () => number } {
  let aborted = 0;
  const controller: Dispatcher.DispatchController = {
    aborted: false,
    paused: false,
    reason: null,
    abort: () => (aborted += 1),
    pause: () => undefined,
    resume: () => undefined,
  };
  return { start: () => exchange.onRequestStart(controller), aborted: () => aborted };
}

function createExchange(): CallExchange {
  return new CallExchange(60_000, () => instant, {});
}

test('a request that would be written a second time is not', async () => {
  const exchange = createExchange();
  const { start, aborted } = startOf(exchange);
  start();
  expect(aborted()).toBe(0);
  start();
  expect(aborted()).toBe(1);
  exchange.onResponseError(null, new Error('aborted'));
  expect((await exchange.settled).reply.kind).toBe('no_answer');
});

test('a request whose call is over is not written any more, and stays not sent', async () => {
  const exchange = createExchange();
  const { start, aborted } = startOf(exchange);
  exchange.expire(60_000);
  start();
  expect(aborted()).toBe(1);
  expect(await exchange.settled).toMatchObject({ reply: { kind: 'not_sent' }, sentAt: null });
});

test('ids in the words of an error are masked, and control characters removed', async () => {
  const exchange = createExchange();
  const error = new Error('refused 9999999999999999999\u001b[31m for Q1A0B1C2D3E4F5A6B7C8D9E0F1A');
  exchange.onResponseError(null, error);
  expect((await exchange.settled).reply).toEqual({
    kind: 'not_sent',
    error: 'Error: refused 99*************9999[31m for Q1*********************0F1A',
  });
});
