import { readRun } from '../../ledger/runs/run-table.ts';
import type { ReportFacts } from '../../report/report-facts.ts';
import { readReportSettings } from '../../report/report-settings.ts';
import type { DeskParts } from '../server/desk-parts.ts';

export interface RunResultFacts {
  readonly facts: ReportFacts;
  readonly timeZone: string;
  readonly isPurged: boolean;
  /** When the totals were proved. */
  readonly at: Date;
}

/** Returns the facts that a page tells about a run that has ended; null where it has not, 'late' where they are being read. */
export async function readResult(
  { ledger, stories }: Pick<DeskParts, 'ledger' | 'stories'>,
  runNo: number,
): Promise<RunResultFacts | 'late' | null> {
  const told = await stories.find(await readRun(ledger, runNo));
  if (told === null) return 'late';
  const { story, at } = told;
  if (story.kind !== 'ended') return null;
  const { facts } = story;
  const { timeZone } = readReportSettings(facts.run.settings, facts.run.id).settings;
  return { facts, timeZone, isPurged: facts.run.purge_began_at !== null, at };
}
