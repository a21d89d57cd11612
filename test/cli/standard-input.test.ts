import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { withStandardInput } from '../../src/cli/terminal/standard-input.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import type { StopSignal } from '../../src/run/run-environment.ts';
import { createFakeHost } from './fake-host.ts';

// All that is looked at of a configuration.
const asked = { lists: [{ kind: 'standard_input' }] } as unknown as Configuration;

function pathOf({ lists: [list] }: Configuration): string {
  if (list?.kind !== 'file') throw new Error('Standard input became no file.');
  return list.path;
}

test('what is piped in is a file of our own while the work goes on, and gone afterwards', async () => {
  const host = { ...createFakeHost(), stdin: () => Readable.from(['user_id,par\n', '1,x\n']) };
  const path = await withStandardInput(host, asked, async (configuration) => {
    const file = pathOf(configuration);
    expect(readFileSync(file, 'utf8')).toBe('user_id,par\n1,x\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    return await Promise.resolve(file);
  });
  expect(existsSync(dirname(path))).toBe(false);
});

test('it is gone also when the work fails, and other lists are left alone', async () => {
  const host = createFakeHost();
  let path = '';
  const failing = withStandardInput(host, asked, async (configuration) => {
    path = pathOf(configuration);
    return await Promise.reject(new Error('the ledger is down'));
  });
  await expect(failing).rejects.toThrow('the ledger is down');
  expect(existsSync(dirname(path))).toBe(false);
  const other = { lists: [{ kind: 'file', path: '/a.csv', sheet: null }] } as unknown as Configuration;
  expect(await withStandardInput(host, other, async (same) => await Promise.resolve(same))).toBe(other);
});

test('a signal while it is received ends the program as one while staging does', async () => {
  const open = new PassThrough();
  open.write('user_id,par\n');
  let stop: (signal: StopSignal) => void = () => undefined;
  const host = {
    ...createFakeHost(),
    stdin: () => open,
    onStopSignal: (listener: (signal: StopSignal) => void) => {
      stop = listener;
      queueMicrotask(() => {
        stop('SIGTERM');
      });
      return () => undefined;
    },
  };
  const received = withStandardInput(host, asked, async () => await Promise.resolve('went on'));
  await expect(received).rejects.toMatchObject({ code: 'STOPPED_WHILE_STAGING', end: { exitCode: 143 } });
});
