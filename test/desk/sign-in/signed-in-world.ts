import { createWorld, type EnrolmentWorld } from '../../support/enrolment-world.ts';
import { embeddedEngine, type LedgerEngine } from '../../support/ledgers.ts';
import { runProgram } from '../../support/program.ts';
import { startServing, type Serving } from '../../support/serving.ts';
import type { Place } from './plain-browser.ts';

/** The origin under which browsers know the desk: TLS ends before it. */
export const ORIGIN = 'https://desk.example.com';

export const people = {
  KONA_DESK_URL: ORIGIN,
  KONA_DESK_UPLOADERS: 'kim@corp.example',
  KONA_DESK_APPROVERS: 'lee@corp.example,Heads',
  KONA_DESK_VIEWERS: 'ann@corp.example',
};

/** `serve` with a desk at which people sign in. */
export interface SignedInWorld extends AsyncDisposable {
  readonly world: EnrolmentWorld;
  readonly serving: Serving;
  readonly place: Place;
  stop(): Promise<void>;
}

export async function createSignedInWorld({
  env,
  listen = '127.0.0.1:0',
  engine = embeddedEngine,
}: {
  readonly env: Readonly<Record<string, string>>;
  readonly listen?: string;
  readonly engine?: LedgerEngine;
}): Promise<SignedInWorld> {
  const made = await createWorld({ engine, job: 'desk: { upload: true }' });
  const world = { ...made, env: { ...made.env, ...people, ...env } };
  if (engine.name !== embeddedEngine.name) await runProgram(['migrate'], world);
  const serving = startServing(['job.yaml', '--listen', listen], world);
  const found = await serving.shown(/desk: open \S+ in a browser; it answers at (?<at>\S+)\n/);
  await serving.said('Ctrl-C or SIGTERM ends it');
  const stop = async (): Promise<void> => {
    await serving.stop('SIGTERM');
  };
  return {
    world,
    serving,
    place: { listensAt: found?.groups?.['at'] ?? '', origin: ORIGIN },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await made[Symbol.asyncDispose]();
    },
  };
}
