import { isOfPostgres, type FirstJob } from '../../config/init/first-job.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import type { FirstFiles } from '../session/init/first-files.ts';
import { flowText } from '../terminal/flowing-line.ts';
import { formatTable } from '../terminal/table.ts';
import { shellWord } from './next-step.ts';

export interface FirstFilesWords {
  readonly job: FirstJob;
  readonly jobFile: string;
  /** How to start the program. */
  readonly program: string;
}

/** Says what was written, what is still to be done by hand, and what comes next. */
export function formatFirstFiles(files: FirstFiles, { job, jobFile, program }: FirstFilesWords): string {
  const rows = [
    ...files.made.map(({ name, what }) => [cleanUntrustedText(name), what]),
    ...files.kept.map((name) => [name, 'existed, and stays as it is']),
  ];
  const todo = [
    ...files.missing.map((name) => `Put the list in its place: there is no ${cleanUntrustedText(name)} yet.`),
    ...files.made
      .filter(({ name }) => name === job.source.text && job.source.kind !== 'inbox')
      .map(({ name }) => `Fill in ${cleanUntrustedText(name)}, or put a list of your own in its place.`),
    ...handWork(job, files),
  ];
  const file = shellWord(jobFile);
  return [
    formatTable(['file', 'what it is'], rows),
    ...todo.map((sentence) => flowText(sentence)),
    `Next: ${program} doctor ${file}\n`,
    `then: ${program} plan ${file}\n`,
  ].join('');
}

function handWork({ provider, source }: FirstJob, { kept }: FirstFiles): readonly string[] {
  const what = [
    ...(isOfPostgres(source.kind) ? ['the URL of the source database'] : []),
    ...(provider === 'sandbox' ? [] : ['the provider’s keys']),
  ].join(' and ');
  if (what === '') return [];
  return kept.includes('.env')
    ? [`Write ${what} into .env, where they are not there yet: doctor says what it lacks.`]
    : [`Write ${what} into .env, behind the names that end in =.`];
}
