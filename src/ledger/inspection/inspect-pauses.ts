import { doubt, type Finding } from '../../domain/setup/finding.ts';
import { USUAL_TIME_ZONE, zonedTime } from '../../domain/time/wall-time.ts';
import type { Queryable } from '../ledger-port.ts';
import { readPausesUnderWay, type ProviderPause } from '../pause-table.ts';
import { readPublishedPauses } from '../published-pauses.ts';

/** Names the subject of a finding about a paused provider. */
export function aboutPauseOf(provider: string): string {
  return `pause of ${provider}`;
}

/**
 * Returns a finding for each provider whose calls wait because a person asked for it. The schema must be this
 * program's.
 */
export async function inspectPauses(on: Queryable): Promise<Finding[]> {
  return findingsOf(await readPausesUnderWay(on));
}

/** The same of an embedded ledger, which is not opened for it. */
export async function inspectPublishedPauses(folder: string, now: Date): Promise<Finding[]> {
  return findingsOf((await readPublishedPauses(folder, now)) ?? []);
}

function findingsOf(pauses: readonly ProviderPause[]): Finding[] {
  return pauses.map(({ provider, until, by, note }) =>
    doubt(
      aboutPauseOf(provider),
      `calls wait until ${zonedTime(until, USUAL_TIME_ZONE)}, paused by ${by}${note === null ? '' : `: ${note}`}`,
      `\`kona-enroll resume --provider "${provider}"\` ends it`,
    ),
  );
}
