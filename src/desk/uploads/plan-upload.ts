import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { hashOfSettings } from '../../config/run-settings.ts';
import { formatRates } from '../../config/job-file/rate-limit.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import { ListNotFoundError, ListRefusedError, type ListRefusal } from '../../intake/list-errors.ts';
import {
  keepPlan,
  keepRefusal,
  type KeptRefusal,
  type UnreadUpload,
} from '../../ledger/desk/upload-plans.ts';
import { HandedBackError } from '../../run/handed-back-source.ts';
import { planLists } from '../../run/plan-list.ts';
import type { KeptPlan } from '../../run/telling/kept-plan.ts';
import { uploadFolder } from '../../service/uploads/upload-place.ts';
import type { DeskOptions } from '../server/desk-options.ts';

/** As many rejected rows as a page shows; the others are in rejected.csv after the run. */
const REJECTED_SHOWN = 200;

/** A list that looks so may really be so, which a person can say. */
const MAY_PASS: ReadonlySet<ListRefusal> = new Set([
  'damaged',
  'cards',
  'second_table',
  'swallowed',
  'cut_off',
  'rejected',
  'totals',
  'size',
]);

/**
 * Reads an uploaded list as `plan` does and keeps what a run would do, or why it is refused. One whose file lies on
 * another machine is left to that. Rejects where that can't be found out now, such as with LedgerError.
 */
export async function planUpload(
  { ledger, clock, jobs, configure }: DeskOptions,
  { id, job: name, stored_name: storedName, said_yes: saidYes }: UnreadUpload,
): Promise<void> {
  const job = jobs.find((one) => one.name === name);
  if (job === undefined) return;
  const path = join(uploadFolder(job.reportsDirectory, id), storedName);
  if ((await stat(path).catch(() => null)) === null) return;
  try {
    const configuration = await configure({ job: name, path, saidYes });
    const environment = { ledger, configuration, clock, rejectionsShown: REJECTED_SHOWN };
    const [planned] = await planLists(environment, configuration.lists);
    if (planned?.kind !== 'planned') throw new Error('one list was to be planned');
    const { providerName: provider, limits, timeZone } = configuration;
    const words = { provider, rate: formatRates(limits.rates), maxCalls: limits.maxCalls, timeZone };
    const kept: KeptPlan = {
      job: configuration.job,
      plan: planned.plan,
      words: { ...words, saidYes, again: false },
    };
    await keepPlan(ledger, id, { plan: kept, settings: hashOfSettings(configuration), at: clock.now() });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    await keepRefusal(ledger, id, { refusal, at: clock.now() });
  }
}

/** Null: it says nothing of the list. */
function refusalOf(error: unknown): KeptRefusal | null {
  if (error instanceof ListRefusedError) {
    const { message, korean, reason } = error;
    return { en: maskIdsInText(message), ko: maskIdsInText(korean), mayPass: MAY_PASS.has(reason) };
  }
  if (error instanceof ConfigurationError)
    return { en: maskIdsInText(error.problems.join('; ')), ko: null, mayPass: false };
  if (error instanceof HandedBackError || error instanceof ListNotFoundError)
    return { en: maskIdsInText(error.message), ko: null, mayPass: false };
  return null;
}
