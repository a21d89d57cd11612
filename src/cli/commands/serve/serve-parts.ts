import { serveFlags } from '../../../config/flags/serve-flags.ts';
import type { DeskSignIn } from '../../../config/desk/sign-in-configuration.ts';
import {
  formatListenAddress,
  isLoopback,
  parseListenAddress,
  type ListenAddress,
} from '../../../service/health/status-server.ts';
import type { ServedJob } from '../../../service/serve/served-job.ts';
import { UsageError } from '../../usage-error.ts';

const PARTS = ['schedule', 'work', 'desk'] as const;
type Part = (typeof PARTS)[number];

export function partsOf(only: string | undefined): ReadonlySet<Part> {
  if (only === undefined) return new Set(PARTS);
  const named = only.split(',').map((word) => word.trim());
  const known = PARTS.filter((part) => named.includes(part));
  if (known.length !== named.length) throw new UsageError(`--only: expected some of ${PARTS.join(', ')}`);
  return new Set(known);
}

/** Returns the address to listen on; null: none. */
export function listenAddressOf(text: string = serveFlags.listen.without): ListenAddress | null {
  if (text === 'none') return null;
  const address = parseListenAddress(text);
  if (address === null)
    throw new UsageError(
      '--listen: expected an address such as 127.0.0.1:8080, unix:/run/kona/desk.sock, or none',
    );
  return address;
}

export interface Served {
  readonly jobs: readonly ServedJob[];
  readonly only: string | undefined;
  readonly listen: ListenAddress | null;
  /** How people sign in at the desk; null: they don't. */
  readonly signIn: DeskSignIn | null;
}

export function servesDesk(jobs: readonly ServedJob[], parts: ReadonlySet<Part>): boolean {
  return parts.has('desk') && jobs.some((job) => job.hasDesk);
}

/** Throws UsageError where these jobs can't be served together, or nothing would ever start. */
export function assertServable(served: Served): void {
  const { jobs, only } = served;
  for (const [at, { name, file }] of jobs.entries()) {
    const other = jobs.slice(0, at).find((earlier) => earlier.name === name);
    if (other !== undefined) throw new UsageError(`serve: ${other.file} and ${file} are both of job ${name}`);
  }
  const parts = partsOf(only);
  const hasDesk = servesDesk(jobs, parts);
  if (parts.has('schedule') && !hasDesk && jobs.every(({ schedule }) => schedule === null)) {
    throw new UsageError(
      'serve: none of these job files has a schedule, so nothing would ever start; add schedule: "0 1 * * *" to one, or desk: { upload: true }, or give --only work',
    );
  }
  if (hasDesk) assertReachable(served);
  else if (only !== undefined && parts.has('desk'))
    throw new UsageError(
      'serve: --only desk, and none of these job files has desk: { upload: true }; add it to one',
    );
}

/** A desk that nobody or only a proxy guards is for this machine; one that asks people itself may be reached by others. */
function assertReachable({ listen, only, signIn }: Served): void {
  if (listen === null && only !== undefined)
    throw new UsageError('serve: a desk needs an address: leave out --listen none');
  if (listen === null) return;
  const given = `--listen ${formatListenAddress(listen)}`;
  if (signIn === null && (listen.kind === 'unix' || !isLoopback(listen)))
    throw new UsageError(
      `serve: the desk has no sign-in, so it answers this machine alone, and ${given} lets others reach it; listen on 127.0.0.1, set up a sign-in (docs/desk-sign-in.md), or leave the desk out by --only schedule,work`,
    );
  const isForOthers = signIn?.way.kind === 'oidc' && signIn.origin.startsWith('https:');
  if (!isForOthers && !isLoopback(listen))
    throw new UsageError(
      `serve: ${given} lets others reach the desk past its proxy or without TLS; listen on 127.0.0.1 or unix:/path`,
    );
}
