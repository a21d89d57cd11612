import { join } from 'node:path';
import type { SandboxOptions } from '../../src/sandbox/wire/server.ts';
import { createWorld, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, type LedgerEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { createDeskBrowser, type DeskBrowser } from './desk-browser.ts';
import { startServing, type Serving } from '../support/serving.ts';

/** A `serve` with a desk, and a browser that uses it. */
export interface DeskWorld extends DeskBrowser, AsyncDisposable {
  readonly world: EnrolmentWorld;
  readonly serving: Serving;
  readonly address: string;
  /** The report folder. */
  readonly reports: string;
  /** Runs `serve` at another address to its end. */
  serveAt(listen: string): Promise<ProgramEnd>;
  /** Ends `serve` and starts it again. */
  restart(): Promise<void>;
}

export interface DeskWorldOptions {
  readonly engine?: LedgerEngine;
  /** YAML lines that follow job, list, provider and desk. */
  readonly job?: string;
  readonly sandbox?: SandboxOptions;
}

const JOB = 'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }';

export async function createDeskWorld({
  engine = embeddedEngine,
  job = JOB,
  sandbox = {},
}: DeskWorldOptions): Promise<DeskWorld> {
  const world = await createWorld({ engine, sandbox, job: `desk: { upload: true }\n${job}` });
  if (engine.name !== embeddedEngine.name) await runProgram(['migrate'], world);
  const started = { ...(await startDesk(world)) };
  return {
    ...createDeskBrowser(() => started.address),
    world,
    get serving() {
      return started.serving;
    },
    get address() {
      return started.address;
    },
    reports: join(world.cwd, 'runs'),
    serveAt: async (listen) => await runProgram(['serve', 'job.yaml', '--listen', listen], world),
    restart: async () => {
      await started.serving.stop('SIGTERM');
      Object.assign(started, await startDesk(world));
    },
    [Symbol.asyncDispose]: async () => {
      await started.serving.stop('SIGTERM');
      await world[Symbol.asyncDispose]();
    },
  };
}

async function startDesk(world: EnrolmentWorld): Promise<{ serving: Serving; address: string }> {
  const serving = startServing(['job.yaml', '--listen', '127.0.0.1:0'], world);
  const found = await serving.shown(/desk: open (?<address>http:\/\/\S+)\/ in a browser/);
  await serving.said('Ctrl-C or SIGTERM ends it');
  return { serving, address: found?.groups?.['address'] ?? '' };
}
