import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { languages } from '../../src/domain/language.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { readWork } from '../../src/ledger/proofs/row-groups.ts';
import { noteProofs } from '../../src/ledger/proofs/stored-proofs.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { goldenRun, type PlantedBreak } from './golden-run.ts';
import { openReportWorld, plantCalls, par } from './report-world.ts';

/**
 * One page a language, which a person has read. `npm run golden` writes them anew, and what changed is to be read again.
 * What all other files hold is asserted by its meaning, in the tests beside this one.
 */
test.each(languages)('the page is the one that was read: %s', async (language) => {
  await using world = await openReportWorld(embeddedEngine, goldenRun.planted);
  await plantCalls(world.ledger, world.runNo, goldenRun.calls);
  const work = await readWork(world.ledger, world.runNo, 3);
  await noteProofs(world.ledger, world.runNo, { ...goldenRun.proofs, work });
  for (const [index, one] of goldenRun.breaks.entries()) await plantBreak(world.ledger, index + 1, one);
  await writeRunFolder({ ...world.options, language, state: goldenRun.state });
  const page = await readFile(join(world.runFolder, 'report.html'), 'utf8');
  await expect(page).toMatchFileSnapshot(`golden/report-${language}.html`);
});

/** Of the planted run's provider and job, seen at the time its night began. */
async function plantBreak(ledger: Ledger, number: number, planted: PlantedBreak): Promise<void> {
  const { kind, first, explained, closed } = planted;
  const ofList = kind === 'not_enrolled' || kind === 'no_longer_listed';
  const state = closed === null ? (explained === null ? 'open' : 'explained') : 'closed';
  const at = (night: string | null): string | null => (night === null ? null : `${night}T16:00:00Z`);
  await ledger.query(
    `insert into break (provider, job, kind, user_id, par, first_seen_at, first_night, last_seen_at, state, explained_at,
                        explained_by, note, closed_at, closed_night)
     values ('provider-a', $1, $2, '9', $3, $4::timestamptz, $5::date, $4::timestamptz, $6, $7::timestamptz, $8, $9,
             $10::timestamptz, $11::date)`,
    [
      ofList ? 'nightly' : null,
      kind,
      par(number),
      at(first),
      first,
      state,
      at(explained),
      explained === null ? null : 'tester',
      explained === null ? null : 'moved',
      at(closed),
      closed,
    ],
  );
}
