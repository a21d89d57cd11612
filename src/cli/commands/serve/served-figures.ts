import type { LedgerAddress, OpenLedger } from '../../../ledger/engine/open-ledger.ts';
import { readHolder } from '../../../ledger/engine/folder-lock.ts';
import { readLiveJobs } from '../../../ledger/locks/live-jobs.ts';
import type { LiveFigures } from '../../../desk/server/desk-options.ts';
import type { Host } from '../../host.ts';
import { tellCourse } from '../../terminal/progress-line.ts';
import { liveRunOf, parseHolder, type LiveRun } from '../../views/live-runs.ts';

/** How far a live run is, from what its process says of itself, as `status` reads it. */
export async function figuresOfRun(
  {
    host: { clock },
    ledger,
    address,
  }: { readonly host: Host; readonly ledger: OpenLedger; readonly address: LedgerAddress },
  runId: string,
): Promise<LiveFigures | null> {
  const live = await readLive(ledger, address);
  const told = live.find((run) => run.told?.runId === runId)?.told ?? null;
  if (told === null) return null;
  const now = clock.now();
  const course = { en: tellCourse(told, now, 'en'), ko: tellCourse(told, now, 'ko') };
  return { course, due: told.due, final: told.final };
}

async function readLive(ledger: OpenLedger, address: LedgerAddress): Promise<readonly LiveRun[]> {
  if (address.kind === 'server') return (await readLiveJobs(ledger)).map(liveRunOf);
  const held = parseHolder(readHolder(address.folder));
  return held === null ? [] : [held];
}
