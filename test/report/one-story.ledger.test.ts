import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import { expect, test } from 'vitest';
import { formatResult } from '../../src/cli/views/summary-view.ts';
import type { ExitCause } from '../../src/domain/exit-cause.ts';
import type { ExitCode } from '../../src/domain/exit-code.ts';
import { languages, type Language } from '../../src/domain/language.ts';
import { neededActors, needsOf } from '../../src/domain/work.ts';
import type { RunState } from '../../src/domain/run-state.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import type { Summary } from '../../src/report/summary.ts';
import { pageTextsIn } from '../../src/report/texts/page-texts-in.ts';
import { recordTextsIn } from '../../src/report/texts/record-texts-in.ts';
import { tellEnd, tellNext } from '../../src/report/texts/cause-texts.ts';
import { tellVerdict } from '../../src/report/texts/verdict-texts.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { visibleText } from './html/page-world.ts';
import { openReportWorld, par, readJson, type PlantedRow } from './report-world.ts';

const enrolled: PlantedRow = { cells: ['1', par(1)], class: 'enrolled', attempts: 1, httpStatus: 200 };
const again: PlantedRow = { cells: ['2', par(2)], class: 'action_required', attempts: 1, nights: 1 };
const usedUp: PlantedRow = { cells: ['3', par(3)], class: 'transient', attempts: 5, nights: 14 };
const comes: PlantedRow = { cells: ['4', par(4)], class: 'ambiguous', attempts: 5, nights: 2 };
const before: PlantedRow = { cells: ['5', par(5)], class: 'already_done', kept: true, code: '000_000' };
const wrong: PlantedRow = { cells: ['6', par(6)], class: 'bad_data', attempts: 1, httpStatus: 400 };
const left: PlantedRow = { cells: ['7', par(7)], class: 'unprocessed' };
const twice: PlantedRow = { cells: ['1', par(1)], class: 'duplicate', sameAsRow: 1 };
const mixed = [enrolled, again, usedUp, comes, before, wrong, twice];

interface Ended {
  readonly name: string;
  readonly rows: readonly PlantedRow[];
  readonly state: RunState;
  readonly code: ExitCode;
  readonly cause: ExitCause;
  readonly totalsAgree?: boolean;
  /** Rows whose record a person has settled. */
  readonly settled?: readonly number[];
  readonly kind?: 'list' | 'retry' | 'handed_back';
  /** The list was never read to its end. */
  readonly unread?: boolean;
}

/** Every way a run really ends in, and what its rows can look like then. */
const endings: readonly Ended[] = [
  { name: 'done', rows: [enrolled, before, twice], state: 'complete', code: 0, cause: 'done' },
  { name: 'nothing due', rows: [before], state: 'complete', code: 0, cause: 'nothing_due' },
  { name: 'an empty list', rows: [], state: 'complete', code: 0, cause: 'empty_list' },
  { name: 'all settled', rows: [enrolled, wrong], state: 'complete', code: 0, cause: 'done', settled: [2] },
  { name: 'some failed', rows: mixed, state: 'complete', code: 3, cause: 'not_enrolled' },
  { name: 'some settled', rows: mixed, state: 'complete', code: 3, cause: 'not_enrolled', settled: [2, 6] },
  { name: 'one is unclear', rows: [enrolled, comes], state: 'complete', code: 4, cause: 'unclear' },
  {
    name: 'a retry',
    rows: [enrolled, wrong],
    state: 'complete',
    code: 3,
    cause: 'not_enrolled',
    kind: 'retry',
  },
  {
    name: 'a list handed back',
    rows: [enrolled, usedUp],
    state: 'complete',
    code: 3,
    cause: 'not_enrolled',
    kind: 'handed_back',
  },
  { name: 'stopAt', rows: [...mixed, left], state: 'stopped', code: 6, cause: 'stop_at' },
  { name: 'the canary', rows: [wrong, left], state: 'stopped', code: 6, cause: 'canary' },
  { name: 'refused credentials', rows: [enrolled, left], state: 'stopped', code: 7, cause: 'credentials' },
  { name: 'a refused set-up', rows: [left], state: 'stopped', code: 7, cause: 'wrong_setup' },
  { name: 'a signal', rows: [enrolled, left], state: 'stopped', code: 143, cause: 'signal' },
  { name: 'another list came', rows: [enrolled, wrong, left], state: 'superseded', code: 6, cause: 'limit' },
  { name: 'never read', rows: [], state: 'superseded', code: 6, cause: 'limit', unread: true },
  { name: 'broken totals', rows: mixed, state: 'stopped', code: 9, cause: 'totals', totalsAgree: false },
];

test.each(endings)('terminal, summary.json, page and workbook tell one story: $name', async (ended) => {
  await using world = await openReportWorld(embeddedEngine, {
    header: ['user_id', 'par'],
    rows: ended.rows,
    ...(ended.kind === undefined ? {} : { kind: ended.kind }),
  });
  const { ledger, runNo } = world;
  await ledger.query('update run set exit_code = $2, exit_cause = $3, exit_reason = $4 where run_no = $1', [
    runNo,
    ended.code,
    ended.cause,
    'the reason in English',
  ]);
  if (ended.unread === true) await ledger.query('update run set rows_read = null where run_no = $1', [runNo]);
  if (ended.settled !== undefined) {
    await ledger.query('update list_row set resolution_no = 1 where run_no = $1 and row_no = any($2)', [
      runNo,
      ended.settled,
    ]);
  }
  const options = { ...world.options, state: ended.state, totalsAgree: ended.totalsAgree ?? true };
  const { summary } = await writeRunFolder(options);

  const { kind: _, rows, ...ends } = summary.verdict;
  expect(Object.values(ends).reduce((sum, count) => sum + count, 0)).toBe(rows);
  expect(rows).toBe(ended.rows.length);
  expect(await readJson(world.runFolder, 'summary.json')).toMatchObject({
    verdict: summary.verdict,
    work: summary.work,
    actorOfEnd: summary.actorOfEnd,
    exitCause: ended.cause,
  });

  const terminal = formatResult(
    { kind: 'ran', exitCode: ended.code, exitCause: ended.cause, reason: '', folder: 'f', summary },
    'kona-enroll',
  );
  expect(terminal).toContain(tellVerdict(summary.verdict, 'en').sentence);
  const isNextTold = summary.classes.unprocessed > 0 && ended.totalsAgree !== false;
  const nextIn = (language: Language): string[] =>
    isNextTold ? [tellNext(summary, language)].filter((words) => words !== null) : [];
  const told = ended.totalsAgree === false ? null : tellEnd(summary, 'en');
  const lines = [...(told === null ? [] : [`${told}\n`]), ...nextIn('en').map((next) => `\nNext: ${next}\n`)];
  expect(lines.filter((line) => !terminal.includes(line))).toEqual([]);

  for (const language of languages) {
    await writeRunFolder({ ...options, language });
    const page = visibleText(await readFile(join(world.runFolder, 'report.html'), 'utf8'));
    const { sheets } = await readXlsx(await readFile(join(world.runFolder, 'report.xlsx')));
    const cells = (sheets[0]?.rows ?? []).map((row) => row.map((cell) => cell ?? ''));
    const story = tellStory(summary, language);
    const firsts = cells.map(([first]) => first);
    expect(story.sentences.filter((sentence) => !page.includes(sentence.replaceAll('"', '&quot;')))).toEqual(
      [],
    );
    expect(story.sentences.filter((sentence) => !firsts.includes(sentence))).toEqual([]);
    const from = firsts.indexOf(pageTextsIn(language).workByActor) + 1;
    const shown = cells.slice(from, from + story.asked.length).map(([actor, count]) => [actor, count]);
    expect(shown).toEqual(story.asked.map(({ actor, rows: count }) => [actor, count]));
    // Once for the run's end, and once for the rows it left.
    const next = nextIn(language).filter((words) => page.split(words).length < 3);
    expect([...next, ...nextIn(language).filter((words) => !cells.flat().includes(words))]).toEqual([]);
    const list = page.replaceAll(/\s/g, '');
    expect(story.asked.filter(({ onPage }) => !list.includes(onPage.replaceAll(/\s/g, '')))).toEqual([]);
  }
});

/** What page and workbook must say: sentences, and who is asked, with how many rows. */
function tellStory(summary: Summary, language: Language) {
  const { verdict, actorOfEnd, work } = summary;
  const texts = pageTextsIn(language);
  const isBroken = verdict.kind === 'broken';
  const needs = needsOf(work);
  const actors = isBroken ? [] : neededActors.filter((actor) => needs[actor] > 0 || actor === actorOfEnd);
  const told = tellVerdict(verdict, language);
  const cause = isBroken ? null : tellEnd(summary, language);
  return {
    sentences: [
      told.sign,
      told.sentence,
      ...(cause === null ? [] : [cause]),
      ...(isBroken || actors.length > 0 ? [] : [`${texts.workByActor}: ${texts.nobodysWork}`]),
    ],
    asked: actors.map((name) => {
      const actor = recordTextsIn(language).actors[name];
      const end = name === actorOfEnd ? [texts.becauseOfEnd] : [];
      const count = needs[name] === 0 ? [] : [texts.rows(String(needs[name]))];
      return {
        actor,
        rows: needs[name] === 0 ? '' : needs[name],
        onPage: actor + [...end, ...count].join(','),
      };
    }),
  };
}
