import type { Ledger } from '../../ledger/ledger-port.ts';
import { readRun } from '../../ledger/runs/run-table.ts';
import type { ReportFacts } from '../../report/report-facts.ts';
import { readReportSettings } from '../../report/report-settings.ts';
import { readRunStory } from '../runs/run-story.ts';

export interface RunResultFacts {
  readonly facts: ReportFacts;
  readonly timeZone: string;
  readonly isPurged: boolean;
}

/** Returns the facts that a page tells about a run that has ended; null where it has not ended. */
export async function readResult(ledger: Ledger, runNo: number): Promise<RunResultFacts | null> {
  const story = await readRunStory(ledger, await readRun(ledger, runNo));
  if (story.kind !== 'ended') return null;
  const { facts } = story;
  const { timeZone } = readReportSettings(facts.run.settings, facts.run.id).settings;
  return { facts, timeZone, isPurged: facts.run.purge_began_at !== null };
}
