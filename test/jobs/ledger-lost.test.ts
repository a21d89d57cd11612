import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { serverEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { startUntil } from '../support/run-under-way.ts';
import { classesOf, failureOf, summaryOf } from './program-output.ts';

/** Each test starts the real program some times, on a machine that may have other work. */
vi.setConfig({ testTimeout: 120_000 });

const RECORDS = 300;
const CONCURRENCY = 8;

/** A way to the database server that can be cut: every connection at once, and no new one. */
async function startCable(target: URL) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(Number(target.port === '' ? '5432' : target.port), target.hostname);
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cut = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  return { port, cut, [Symbol.asyncDispose]: cut };
}

describe('the database server goes away in the middle of a run (server Postgres)', () => {
  const it = serverEngine.missing ? test.skip : test;

  it('is exit 8; nothing is lost, and the same command completes', async () => {
    await using world = await createWorld({
      engine: serverEngine,
      sandbox: { faults: { seed: 1, latencyMs: 20 } },
      job: `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 2s }`,
    });
    await world.writeList('list.csv', listOf(RECORDS));
    const direct = new URL(world.ledger.databaseUrl);
    await using cable = await startCable(direct);
    const through = new URL(direct);
    through.host = `127.0.0.1:${cable.port}`;
    const program = await startUntil(['run', 'job.yaml', '--json', '--quiet'], ['recorded', 50], {
      cwd: world.cwd,
      env: { ...world.env, DATABASE_URL: through.href },
    });
    await cable.cut();
    expect(failureOf(await program.ended, 8)).toMatch(/^the ledger's database is not available: /);
    const before = world.sandbox.calls().length;
    expect(before).toBeLessThan(RECORDS);

    const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world));
    expect(summary).toMatchObject({ exitCode: 0, state: 'complete', list: { rowsRead: RECORDS } });
    const { enrolled = 0, recovered = 0, ...others } = classesOf(summary);
    expect(others).toEqual({});
    expect(enrolled + recovered).toBe(RECORDS);
    // Only what was under way when the cable was cut may have been called twice.
    expect(recovered).toBeLessThanOrEqual(CONCURRENCY);
    expect(world.sandbox.calls()).toHaveLength(RECORDS + recovered);
    expect(world.sandbox.truth()).toHaveLength(RECORDS);
  });
});
