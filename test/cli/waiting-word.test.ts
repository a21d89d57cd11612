import { expect, test } from 'vitest';
import { createWaitingWord } from '../../src/cli/terminal/waiting-word.ts';
import { createFakeHost } from './fake-host.ts';

const CLEAR = '\r\u001B[K';

test('stands at a terminal from the first moment, and gives way to the next word and to what is written', () => {
  const host = createFakeHost({ isTerminal: true });
  const word = createWaitingWord(host, false);
  word.waitsFor('opening the ledger');
  expect(host.written.stderr).toBe(`${CLEAR}opening the ledger …`);
  word.waitsFor('reading the ledger');
  word.stdout.write('a line\n');
  expect(host.written.stderr).toBe(`${CLEAR}opening the ledger …${CLEAR}reading the ledger …${CLEAR}`);
  word.stderr.draw('another');
  word.end();
  expect(host.written).toEqual({
    stdout: 'a line\n',
    stderr: `${CLEAR}opening the ledger …${CLEAR}reading the ledger …${CLEAR}another`,
  });
});

test('what is left of it at the end is taken away', () => {
  const host = createFakeHost({ isTerminal: true });
  const word = createWaitingWord(host, false);
  word.waitsFor('opening the ledger');
  word.end();
  expect(host.written.stderr.endsWith(CLEAR)).toBe(true);
});

test.each([
  ['on no terminal', {}],
  ['for a build server', { isTerminal: true, env: { CI: 'true' } }],
])('%s it is a plain line every 30 s, and none of what was quick', async (_, options) => {
  const host = createFakeHost(options);
  const word = createWaitingWord(host, false);
  word.waitsFor('starting');
  await host.clock.advance(29_000);
  word.waitsFor('opening the ledger');
  expect(host.written.stderr).toBe('');
  await host.clock.advance(1_000);
  word.waitsFor('reading the ledger');
  await host.clock.advance(30_000);
  const told = 'opening the ledger: 30 s so far\nreading the ledger: 60 s so far\n';
  expect(host.written).toEqual({ stdout: '', stderr: told });
  word.stdout.write('a line\n');
  await host.clock.advance(60_000);
  expect(host.written).toEqual({ stdout: 'a line\n', stderr: told });
  expect(host.clock.sleeping).toBe(0);
  word.waitsFor('writing');
  await host.clock.advance(29_000);
  word.end();
  await host.clock.advance(60_000);
  expect(host.written.stderr).toBe(told);
});

test.each([
  ['at a terminal', { isTerminal: true }],
  ['on none', {}],
])('with --quiet there is none (%s)', async (_, options) => {
  const host = createFakeHost(options);
  const word = createWaitingWord(host, true);
  word.waitsFor('opening the ledger');
  await host.clock.advance(60_000);
  word.stdout.write('a line\n');
  word.end();
  expect(host.written).toEqual({ stdout: 'a line\n', stderr: '' });
});
