import type { SandboxOptions } from '../../../src/sandbox/wire/server.ts';
import { createWorld, type EnrolmentWorld } from '../../support/enrolment-world.ts';
import { embeddedEngine, type LedgerEngine } from '../../support/ledgers.ts';
import { runProgram } from '../../support/program.ts';
import { startServing, type Serving } from '../../support/serving.ts';
import type { Place } from './plain-browser.ts';

/** The origin under which browsers know the desk; TLS ends in front of it. */
export const ORIGIN = 'https://desk.example.com';

export const people = {
  KONA_DESK_URL: ORIGIN,
  KONA_DESK_UPLOADERS: 'kim@corp.example',
  KONA_DESK_APPROVERS: 'lee@corp.example,Heads',
  KONA_DESK_VIEWERS: 'ann@corp.example',
};

/** A `serve` with a desk at which people sign in. */
export interface SignedInWorld extends AsyncDisposable {
  readonly world: EnrolmentWorld;
  readonly serving: Serving;
  readonly place: Place;
  stop(): Promise<void>;
  /** Starts `serve` again, with these words after the job file. */
  start(...words: readonly string[]): Promise<void>;
}

export interface SignedInOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly listen?: string;
  readonly engine?: LedgerEngine;
  /** YAML lines that follow job, list, provider and desk. */
  readonly job?: string;
  readonly sandbox?: SandboxOptions;
  /** Words that follow the job file. */
  readonly words?: readonly string[];
}

export async function createSignedInWorld({
  env,
  listen = '127.0.0.1:0',
  engine = embeddedEngine,
  job = '',
  sandbox = {},
  words = [],
}: SignedInOptions): Promise<SignedInWorld> {
  const made = await createWorld({ engine, sandbox, job: `desk: { upload: true }\n${job}` });
  const world = { ...made, env: { ...made.env, ...people, ...env } };
  if (engine.name !== embeddedEngine.name) await runProgram(['migrate'], world);
  const serve = async (more: readonly string[]): Promise<{ serving: Serving; listensAt: string }> => {
    const serving = startServing(['job.yaml', '--listen', listen, ...more], world);
    const found = await serving.shown(/desk: open \S+ in a browser; it answers at (?<at>\S+)\n/);
    await serving.said('Ctrl-C or SIGTERM ends it');
    return { serving, listensAt: found?.groups?.['at'] ?? '' };
  };
  let started = await serve(words);
  const stop = async (): Promise<void> => {
    await started.serving.stop('SIGTERM');
  };
  return {
    world,
    get serving() {
      return started.serving;
    },
    place: {
      get listensAt() {
        return started.listensAt;
      },
      origin: ORIGIN,
    },
    stop,
    start: async (...more) => {
      started = await serve(more);
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await made[Symbol.asyncDispose]();
    },
  };
}
