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
  ['with --quiet', createFakeHost({ isTerminal: true }), true],
  ['on no terminal', createFakeHost(), false],
  ['for a build server', createFakeHost({ isTerminal: true, env: { CI: 'true' } }), false],
])('%s there is none', (_, host, isQuiet) => {
  const word = createWaitingWord(host, isQuiet);
  word.waitsFor('opening the ledger');
  word.stdout.write('a line\n');
  word.end();
  expect(host.written).toEqual({ stdout: 'a line\n', stderr: '' });
});
