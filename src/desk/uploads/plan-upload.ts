import { ConfigurationError } from '../../config/configuration-error.ts';
import { hashOfSettings } from '../../config/run-settings.ts';
import { formatRates } from '../../config/job-file/rate-limit.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { Words } from '../../domain/language.ts';
import { ListNotFoundError, ListRefusedError, type ListRefusal } from '../../intake/list-errors.ts';
import {
  keepPlan,
  keepRefusal,
  type KeptRefusal,
  type UnreadUpload,
} from '../../ledger/desk/upload-plans.ts';
import type { ListFormat } from '../../intake/list-format.ts';
import { HandedBackError } from '../../run/handed-back-source.ts';
import { planLists } from '../../run/plan-list.ts';
import { tellFormat } from '../../run/telling/list-words.ts';
import type { KeptPlan } from '../../run/telling/kept-plan.ts';
import { lookAtFile, pathOfFile, tellFileLoss } from '../../service/uploads/uploaded-file.ts';
import type { DeskJob, DeskOptions } from '../server/desk-options.ts';
import type { UploadReader } from './upload-reader.ts';

/** Limits the rejected rows in a plan to those a page shows; rejected.csv holds the others after the run. */
const REJECTED_SHOWN = 200;

/** A person may confirm that a list refused for one of these reasons is right as it is. */
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

/** What reading an upload needs of the desk, also in a process of its own. */
export interface ReadingOptions extends Pick<DeskOptions, 'ledger' | 'clock' | 'me' | 'configure'> {
  readonly jobs: readonly Pick<DeskJob, 'name' | 'reportsDirectory'>[];
}

/** Returns a reader that reads lists in this process. */
export function readInThisProcess(options: ReadingOptions): UploadReader {
  return {
    read: async (upload) => {
      await planUpload(options, upload);
    },
    rest: () => undefined,
    close: async () => {
      await Promise.resolve();
    },
  };
}

/**
 * Reads an uploaded list as `plan` does, and stores what a run would do or why the list is refused. Leaves a list whose
 * file is on another machine to that machine. Rejects where the outcome can't be known now, such as with LedgerError.
 */
export async function planUpload(
  { ledger, clock, me, jobs, configure }: ReadingOptions,
  upload: UnreadUpload,
): Promise<void> {
  const { id, job: name, said_yes: saidYes } = upload;
  const job = jobs.find((one) => one.name === name);
  if (job === undefined) return;
  const path = pathOfFile(job.reportsDirectory, upload);
  const file = await lookAtFile(job.reportsDirectory, upload, me.host);
  if (file === 'elsewhere') return;
  if (file !== 'whole') {
    const refusal = maskedRefusal({ ...tellFileLoss(file, upload.file_name), mayPass: false });
    await keepRefusal(ledger, id, { refusal, reason: `file_${file}`, at: clock.now() });
    return;
  }
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
    const refusal = refusalOf(error, upload.file_name);
    if (refusal === null) throw error;
    await keepRefusal(ledger, id, { ...refusal, at: clock.now() });
  }
}

interface ToldRefusal {
  readonly refusal: KeptRefusal;
  readonly reason: string;
}

/** Returns null where the error says nothing about the list, whose name on the person's machine is `name`. */
function refusalOf(error: unknown, name: string): ToldRefusal | null {
  if (error instanceof ListRefusedError) {
    const { message, korean, reason, format } = error;
    const parts = { ...error.parts, ...(format === null ? {} : { readAs: tellInBoth(format) }) };
    const told = { en: message, ko: korean, mayPass: MAY_PASS.has(reason), parts };
    return { refusal: maskedRefusal(told), reason };
  }
  if (error instanceof ConfigurationError)
    return {
      refusal: maskedRefusal({ en: error.problems.join('; '), ko: null, mayPass: false }),
      reason: 'settings',
    };
  if (error instanceof HandedBackError) {
    const { message, korean } = error;
    return { refusal: maskedRefusal({ en: message, ko: korean, mayPass: false }), reason: 'handed_back' };
  }
  if (error instanceof ListNotFoundError) {
    const told = tellFileLoss('gone', name);
    return { refusal: maskedRefusal({ ...told, mayPass: false }), reason: 'file_gone' };
  }
  return null;
}

function maskedRefusal({ en, ko, mayPass, parts }: KeptRefusal): KeptRefusal {
  const told = { en: maskIdsInText(en), ko: ko === null ? null : maskIdsInText(ko), mayPass };
  if (parts === undefined) return told;
  const { where, what, toDo, readAs } = parts;
  return {
    ...told,
    parts: {
      where: where && maskedWords(where),
      what: maskedWords(what),
      toDo: maskedWords(toDo),
      ...(readAs === undefined ? {} : { readAs: maskedWords(readAs) }),
    },
  };
}

function tellInBoth(format: ListFormat): Words {
  return { en: tellFormat(format, 'en'), ko: tellFormat(format, 'ko') };
}

function maskedWords({ en, ko }: Words): Words {
  return { en: maskIdsInText(en), ko: maskIdsInText(ko) };
}
