import { expect, test } from 'vitest';
import { Heartbeat } from '../../../src/service/health/heartbeat.ts';
import { parseListenAddress } from '../../../src/service/health/status-server.ts';
import { createStubClock } from '../../support/stub-clock.ts';

test('it is well from the first beat on, until none came for 45 s', async () => {
  const clock = createStubClock();
  const heartbeat = new Heartbeat(clock);
  expect(heartbeat.health()).toEqual({
    ok: false,
    lastBeat: null,
    problem: 'the ledger has not answered yet',
  });
  heartbeat.beat();
  const lastBeat = clock.now().toISOString();
  await clock.advance(44_999);
  expect(heartbeat.health()).toEqual({ ok: true, lastBeat, problem: null });
  await clock.advance(1);
  expect(heartbeat.health()).toEqual({
    ok: false,
    lastBeat,
    problem: 'the ledger has not answered for 45 s',
  });
  clock.shiftWall(-86_400_000);
  heartbeat.beat();
  expect(heartbeat.health()).toMatchObject({ ok: true });
});

test.each([
  ['127.0.0.1:8080', { kind: 'tcp', host: '127.0.0.1', port: 8080 }],
  ['localhost:0', { kind: 'tcp', host: 'localhost', port: 0 }],
  ['[::1]:8080', { kind: 'tcp', host: '::1', port: 8080 }],
  ['::1:8080', null],
  ['127.0.0.1', null],
  ['8080', null],
  [':8080', null],
  ['127.0.0.1:65536', null],
])('%s is the address %j', (text, address) => {
  expect(parseListenAddress(text)).toEqual(address);
});
