import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Socket } from 'node:net';
import { IdlePatience, KeptConnection } from '../../src/konaplate/transport/kept-connection.ts';
import { register, withProvider } from './client-world.ts';
import { answer, answerCode, type Step } from './scripted-provider.ts';

const ok = answerCode('200 OK', '000_000');
const resets: Step = (socket) => socket.resetAndDestroy();

describe('a kept connection', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function setup(patience = new IdlePatience()) {
    const socket = new Socket();
    const kept = new KeptConnection(patience);
    const connect = kept.watch((_target, callback) => {
      callback(null, socket);
    });
    connect({ hostname: '', protocol: 'http:', port: '' }, () => undefined);
    const exchange = (isClosedUnanswered: boolean): void => {
      kept.exchangeBegan();
      kept.exchangeEnded(isClosedUnanswered);
    };
    return { patience, socket, exchange, kept };
  }

  test('is left after four seconds without a call, and not before', () => {
    const { socket, exchange } = setup();
    exchange(false);
    vi.advanceTimersByTime(3_999);
    exchange(false);
    vi.advanceTimersByTime(3_999);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(socket.destroyed).toBe(true);
  });

  test('is never left while it carries a call', () => {
    const { socket, exchange, kept } = setup();
    exchange(false);
    kept.exchangeBegan();
    vi.advanceTimersByTime(60_000);
    expect(socket.destroyed).toBe(false);
  });

  test('that was closed teaches all others to leave after half of that time, and never unlearns it', () => {
    const { patience, exchange } = setup();
    exchange(false);
    vi.advanceTimersByTime(1_000);
    exchange(true);
    expect(patience.keepMs).toBe(500);
    const other = setup(patience);
    other.exchange(false);
    vi.advanceTimersByTime(499);
    expect(other.socket.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(other.socket.destroyed).toBe(true);
    patience.closedAfter(3_000);
    expect(patience.keepMs).toBe(500);
  });

  test('that was closed has those left at once that are idle for as long, and none that carries a call', () => {
    const { patience, exchange } = setup();
    const [idle, busy, fresh] = [setup(patience), setup(patience), setup(patience)];
    for (const each of [{ exchange }, idle, busy]) each.exchange(false);
    vi.advanceTimersByTime(1_000);
    busy.kept.exchangeBegan();
    exchange(true);
    expect([idle, busy, fresh].map(({ socket }) => socket.destroyed)).toEqual([true, false, false]);
  });

  test.each([
    ['its first call', 0, 0],
    ['a call that followed at once', 1, 199],
  ])('that breaks under %s teaches nothing', (_what, before, idleMs) => {
    const { patience, exchange } = setup();
    for (let call = 0; call < before; call += 1) exchange(false);
    vi.advanceTimersByTime(idleMs);
    exchange(true);
    expect(patience.keepMs).toBe(4_000);
  });
});

describe('against a server', () => {
  /** The next reading of the monotonic clock is so much later. */
  function passTime(milliseconds: number): void {
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + milliseconds);
  }
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('that closes idle connections: one call is lost to it, and the next connection is left in time', async () => {
    await withProvider([ok, resets, ok, ok], {}, async (client, provider) => {
      await register(client);
      passTime(600);
      expect((await register(client)).reply.kind).toBe('no_answer');
      vi.restoreAllMocks();
      expect((await register(client)).reply.kind).toBe('answered');
      const began = performance.now();
      // The server keeps it: it is we who leave.
      await provider.drained();
      expect(performance.now() - began).toBeLessThan(3_000);
      expect((await register(client)).reply.kind).toBe('answered');
      expect(provider.connections()).toBe(3);
    });
  });
});

describe('headers of an answer', () => {
  const body = '{"response":{"code":"000_000","description":"Success."}}';
  const filled = (bytes: number): Step =>
    answer(
      '200 OK',
      body,
      Array.from({ length: bytes / 1_000 }, (_, index) => `X-${100 + index}: ${'x'.repeat(995)}`),
    );

  test.each([20_000, 40_000, 64_000])('of %i bytes are read', async (bytes) => {
    await withProvider([filled(bytes)], {}, async (client) => {
      expect((await register(client)).reply).toMatchObject({ kind: 'answered', code: '000_000' });
    });
  });

  test('of more than 64 KiB are no answer', async () => {
    await withProvider([filled(70_000)], {}, async (client) => {
      expect((await register(client)).reply.kind).toBe('no_answer');
    });
  });
});
