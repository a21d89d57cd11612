import { ageBuckets, type BreakFigures } from '../../domain/break.ts';
import { rowClasses, successClasses, whoMustAct } from '../../domain/class.ts';
import { sumOfClasses } from '../../domain/control-totals.ts';
import { exitCodes } from '../../domain/exit-code.ts';
import type { Language } from '../../domain/language.ts';
import type { Work } from '../../domain/work.ts';
import type { LeftOut } from '../folder/left-out.ts';
import type { Summary } from '../summary.ts';
import { pageTextsIn } from '../texts/page-texts-in.ts';
import { recordTextsIn } from '../texts/record-texts-in.ts';
import { meaningOfCode } from '../texts/record-texts.ts';
import { whatToDo } from '../texts/what-to-do.ts';
import { workbookTextsIn, type WorkbookTexts } from '../texts/workbook-texts.ts';
import type { CellStyle, SheetCell } from './sheet-cells.ts';

export interface SummarySheetOptions {
  readonly language: Language;
  readonly timeZone: string;
  /** Of the classes that have rows. */
  readonly work: readonly Work[];
  /** As of the run's finish. */
  readonly breaks: readonly BreakFigures[];
  /** Of failed.xlsx; null where it stands in the folder. */
  readonly failedLeftOut: LeftOut | null;
}

/** Widths of its four columns. */
export const summaryWidths = [26, 12, 18, 66] as const;

/** The first sheet of report.xlsx: what report.html says in figures. Figures are numbers; no id is in it. */
export function summaryRows(summary: Summary, options: SummarySheetOptions): SheetCell[][] {
  const words = workbookTextsIn(options.language);
  const left = options.failedLeftOut;
  return [
    [
      styled(
        `${summary.job} · ${timeIn(summary.finishedAt ?? summary.startedAt, options.timeZone)}`,
        'title',
      ),
    ],
    [verdictOf(summary, options.language)],
    ...(left === null ? [] : [[styled(words.leftOut('failed.xlsx', left), 'bad')]]),
    [],
    ...totalsRows(summary, options.language),
    ...checkRows(summary, options.language),
    [],
    ...differenceRows(summary, words),
    ...breakRows(options),
    [],
    ...classTable(summary, options),
    [],
    ...codeTable(summary, options.language),
    [],
    ...courseRows(summary, words),
    [],
    ...factRows(summary, words, options.timeZone),
  ];
}

function verdictOf(summary: Summary, language: Language): SheetCell {
  const { verdicts } = workbookTextsIn(language);
  const { exitCode, totalsAgree, classes, state } = summary;
  const success = successClasses.reduce((sum, name) => sum + classes[name], 0);
  const others = sumOfClasses(classes) - success - classes.duplicate;
  const told = {
    rows: formatCount(sumOfClasses(classes)),
    success: formatCount(success),
    others: formatCount(others),
    duplicates: formatCount(classes.duplicate),
  };
  const page = pageTextsIn(language).verdict;
  if (!totalsAgree) return styled(verdicts.totalsBroken, 'bad');
  // Nothing goes on with it, and a rerun of its list is another run.
  if (state === 'superseded') return styled(page.superseded(told).sentence, 'bad');
  if (exitCode === exitCodes.done && others > 0) return styled(page.settled(told).sentence, 'good');
  if (exitCode === exitCodes.done) return styled(verdicts.done, 'good');
  const isComplete = exitCode === exitCodes.notEnrolled || exitCode === exitCodes.unclear;
  if (!isComplete) return styled(verdicts.notComplete(summary.exitReason ?? '–'), 'bad');
  return styled(verdicts.someLeft(formatCount(others - summary.resolved)), 'bad');
}

/** Rows read = the sum over the classes that have rows. */
function totalsRows(summary: Summary, language: Language): SheetCell[][] {
  const words = workbookTextsIn(language);
  const { classes } = recordTextsIn(language);
  const parts = rowClasses
    .filter((name) => summary.classes[name] > 0)
    .map((name) => `${classes[name].name} ${formatCount(summary.classes[name])}`);
  const equation = `= ${parts.length === 0 ? '0' : parts.join(' + ')}`;
  const verdict = summary.totalsAgree
    ? styled(words.totalsAgree, 'good')
    : styled(words.totalsDisagree, 'bad');
  return [
    [styled(words.totals, 'section')],
    [label(words.rowsRead), figure(summary.list.rowsRead), verdict, styled(equation, 'wrapped')],
  ];
}

/** Every other equation: what was expected, what was found, and whether they are the same. */
function checkRows(summary: Summary, language: Language): SheetCell[][] {
  const words = workbookTextsIn(language);
  const { totalsChecks, classes } = recordTextsIn(language);
  return (summary.controlTotals ?? []).map((check) => {
    const about = check.class === null ? '' : ` (${classes[check.class].name})`;
    return [
      styled(totalsChecks[check.name] + about, 'wrapped'),
      figure(check.expected),
      figure(check.found),
      check.agrees ? styled(words.totalsAgree, 'good') : styled(words.totalsDisagree, 'bad'),
    ];
  });
}

/** From last night's list; nothing where there is none to compare with. */
function differenceRows({ difference }: Summary, words: WorkbookTexts): SheetCell[][] {
  if (difference === null) return [];
  const { comparedWith, added, gone, parChanged, newlyFailing, cured, stillFailing } = difference;
  const texts = words.difference;
  return [
    [styled(texts.since(comparedWith.night), 'section')],
    [label(texts.added), figure(added)],
    [label(texts.gone), figure(gone)],
    [label(texts.parChanged), figure(parChanged)],
    [label(texts.newlyFailing), figure(newlyFailing)],
    [label(texts.cured), figure(cured)],
    ...stillFailing.map(({ nights, records }) => [label(texts.stillFailing(nights)), figure(records)]),
    [],
  ];
}

/** Of each kind how many are open, of those how many are new and how old, and what is settled or gone. */
function breakRows({ breaks, language }: SummarySheetOptions): SheetCell[][] {
  const texts = workbookTextsIn(language).breaks;
  const { breakKinds, ages } = recordTextsIn(language);
  const heading = [styled(texts.heading, 'section')];
  if (breaks.length === 0) return [heading, [label(texts.none)]];
  const rows = breaks.flatMap((figures) => {
    const { name, toDo } = breakKinds[figures.kind];
    const open = figures.fresh + figures.stillOpen;
    const aged = ageBuckets.filter((bucket) => figures.ages[bucket] > 0);
    return [
      [label(name), figure(open), label(''), styled(open === 0 ? '' : toDo, 'wrapped')],
      [styled(texts.fresh, 'indented'), figure(figures.fresh)],
      [styled(texts.stillOpen, 'indented'), figure(figures.stillOpen)],
      ...aged.map((bucket) => [styled(texts.age(ages[bucket]), 'indented'), figure(figures.ages[bucket])]),
      [styled(texts.explained, 'indented'), figure(figures.explained)],
      [styled(texts.gone, 'indented'), figure(figures.gone)],
    ];
  });
  return [heading, headings(texts.headings), ...rows];
}

/** A class has a row for each who must act on it; one without rows stands there as well. */
function classTable({ state }: Summary, { work, language }: SummarySheetOptions): SheetCell[][] {
  const words = workbookTextsIn(language);
  const texts = { words: recordTextsIn(language), page: pageTextsIn(language) };
  const { classes, actors } = texts.words;
  const rows = rowClasses.flatMap((name) => {
    const parts = work.filter((one) => one.class === name);
    if (parts.length === 0) {
      return [[label(classes[name].name), figure(0), styled(actors[whoMustAct(name, false)], 'indented')]];
    }
    return parts.map((one) => [
      label(classes[name].name),
      figure(one.rows),
      styled(actors[one.actor], 'indented'),
      styled(whatToDo(one, state, texts), 'wrapped'),
    ]);
  });
  return [[styled(words.classes, 'section')], headings(words.classHeadings), ...rows];
}

function codeTable(summary: Summary, language: Language): SheetCell[][] {
  const words = workbookTextsIn(language);
  const texts = recordTextsIn(language);
  const rows = Object.entries(summary.codes).map(([code, rowsOfCode]) => [
    label(code),
    figure(rowsOfCode),
    label(''),
    styled(meaningOfCode(code, texts), 'wrapped'),
  ]);
  return [[styled(words.codes, 'section')], headings(words.codeHeadings), ...rows];
}

function courseRows(summary: Summary, words: WorkbookTexts): SheetCell[][] {
  const { rate, latencyMs } = summary;
  return [
    [styled(words.course, 'section')],
    [label(words.calls), figure(summary.calls)],
    [label(words.retries), figure(summary.retries)],
    [label(words.inquiries), figure(summary.inquiries)],
    [label(words.rateAllowed), label(rate.allowed)],
    [label(words.rateUsed), { value: rate.used, style: 'decimal' }],
    [label(words.latency('50 %')), figure(latencyMs.p50)],
    [label(words.latency('90 %')), figure(latencyMs.p90)],
    [label(words.latency('99 %')), figure(latencyMs.p99)],
  ];
}

function factRows(summary: Summary, words: WorkbookTexts, timeZone: string): SheetCell[][] {
  const { list, finishedAt } = summary;
  return [
    [label(words.run), label(summary.runId)],
    [label(words.provider), label(summary.provider)],
    [label(words.list), label(list.name)],
    [label(words.listHash), label(list.sha256 ?? '–')],
    [label(words.started), label(timeIn(summary.startedAt, timeZone))],
    [label(words.finished), label(finishedAt === null ? '–' : timeIn(finishedAt, timeZone))],
  ];
}

function styled(value: string, style: CellStyle): SheetCell {
  return { value, style };
}

function label(text: string): SheetCell {
  return text;
}

function headings(names: readonly string[]): SheetCell[] {
  return names.map((name) => styled(name, 'heading'));
}

function figure(value: number | null): SheetCell {
  return value === null ? '–' : { value, style: 'count' };
}

function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** As 2026-11-23 01:05:00 Asia/Seoul. */
function timeIn(instant: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return `${format.format(new Date(instant))} ${timeZone}`;
}
