import type { Checked } from '../../../config/checked.ts';
import {
  answerChecks,
  jobNameOf,
  sourceKinds,
  type FirstJob,
  type SourceKind,
} from '../../../config/init/first-job.ts';
import type { Ask } from '../../terminal/prompt.ts';

/** The answers given beforehand, all checked; null: still to be asked. */
export interface GivenAnswers {
  readonly source: FirstJob['source'] | null;
  readonly baseUrl: string | null;
  readonly providerName: string | null;
  readonly rate: string | null;
  readonly job: string | null;
  readonly language: FirstJob['language'] | null;
}

const kindWords = {
  csv: 'a CSV file, or a glob of them',
  excel: 'an Excel workbook',
  inbox: 'a folder into which people put lists (inbox)',
  query: 'a query of a Postgres database',
  table: 'a table of a Postgres database',
} as const satisfies Readonly<Record<SourceKind, string>>;

const textQuestions = {
  csv: { question: 'Its path, or a glob such as "lists/*.csv"', usual: 'members.csv' },
  excel: { question: 'Its path', usual: 'members.xlsx' },
  inbox: { question: 'The folder', usual: 'inbox' },
  query: { question: 'The query', usual: 'select user_id, par from legacy_members' },
  table: { question: 'The table or view', usual: 'public.legacy_members' },
} as const satisfies Readonly<Record<SourceKind, { question: string; usual: string }>>;

const KIND_QUESTION = [
  'Where does the list come from?',
  ...sourceKinds.map((kind, index) => `  ${index + 1}  ${kindWords[kind]}`),
  'Its number',
].join('\n');

const PROVIDER_QUESTION = [
  'The provider: its address (https://…), or sandbox, the simulator that comes with',
  'the program and needs no keys',
].join('\n');

/**
 * Asks for the missing answers, in an order in which one answer suggests the next. `checkName` checks the job's name.
 */
export async function completeAnswers(
  given: GivenAnswers,
  ask: Ask,
  checkName: (job: string) => Promise<Checked<string>>,
): Promise<FirstJob> {
  const source = given.source ?? (await askSource(ask));
  const baseUrl =
    given.baseUrl ??
    (await ask({ question: PROVIDER_QUESTION, usual: 'sandbox', check: answerChecks.baseUrl }));
  const provider = baseUrl === 'sandbox' ? baseUrl : { baseUrl, name: await askName(given, baseUrl, ask) };
  const isReal = provider !== 'sandbox';
  return {
    source,
    provider,
    rate:
      given.rate ??
      (isReal
        ? await ask({
            question: 'Calls it allows, such as 20/s, or "20/s, 100000/day"',
            usual: '20/s',
            check: answerChecks.rate,
          })
        : '20/s'),
    job:
      given.job ?? (await ask({ question: 'Name of the job', usual: jobNameOf(source), check: checkName })),
    language:
      given.language ??
      (await ask({
        question: 'Language of the reports, ko or en',
        usual: 'ko',
        check: answerChecks.language,
      })),
  };
}

async function askSource(ask: Ask): Promise<FirstJob['source']> {
  const kind = await ask({ question: KIND_QUESTION, usual: '1', check: answerChecks.sourceNumber });
  const check = (text: string): Checked<string> => answerChecks.source(kind, text);
  return { kind, text: await ask({ ...textQuestions[kind], check }) };
}

async function askName({ providerName }: GivenAnswers, baseUrl: string, ask: Ask): Promise<string> {
  if (providerName !== null) return providerName;
  return await ask({
    question: 'Its name, part of every record’s key; never change it',
    usual: new URL(baseUrl).hostname,
    check: answerChecks.providerName,
  });
}
