import { controlTotalWords } from '../../domain/control-totals.ts';
import { ageBuckets, type BreakFigures } from '../../domain/reconciliation/break.ts';
import { rowClasses, whoMustAct } from '../../domain/class.ts';
import type { Language } from '../../domain/language.ts';
import { listNeeds } from '../../domain/work.ts';
import type { LeftOut } from '../folder/left-out.ts';
import type { Summary } from '../summary.ts';
import { tellEnd } from '../texts/cause-texts.ts';
import { createFormats } from '../texts/formats.ts';
import { pageTextsIn } from '../texts/page-texts-in.ts';
import { recordTextsIn } from '../texts/record-texts-in.ts';
import { meaningOfCode } from '../texts/record-texts.ts';
import { tellVerdict } from '../texts/verdict-texts.ts';
import { tellNightRemarks } from '../texts/night-remarks.ts';
import { whatToDo, whoActs } from '../texts/what-to-do.ts';
import { workbookTextsIn, type WorkbookTexts } from '../texts/workbook-texts.ts';
import { toneOf } from '../verdict.ts';
import type { CellStyle, SheetCell } from './sheet-cells.ts';

export interface SummarySheetOptions {
  readonly language: Language;
  readonly timeZone: string;
  /** Breaks at the time of the run's finish. */
  readonly breaks: readonly BreakFigures[];
  /** Why failed.xlsx is left out; null where it is in the folder. */
  readonly failedLeftOut: LeftOut | null;
}

/** Widths of its four columns. */
export const summaryWidths = [26, 12, 18, 66] as const;

/**
 * Returns the first sheet of report.xlsx. It begins like the page (what it is about, how it went, who must act, the
 * totals, the classes); proofs and hashes come last. Figures are numbers; it contains no ids.
 */
export function summaryRows(summary: Summary, options: SummarySheetOptions): SheetCell[][] {
  const words = workbookTextsIn(options.language);
  return [
    [styled(pageTextsIn(options.language).title, 'title')],
    ...headRows(summary, options),
    [],
    ...verdictRows(summary, options),
    ...needRows(summary, options.language),
    ...tellNightRemarks(summary, options.language).map((remark) => [styled(remark, 'wrapped')]),
    [],
    ...totalsRows(summary, options.language),
    [],
    ...classTable(summary, options.language),
    [],
    ...codeTable(summary, options.language),
    [],
    ...givenRows(summary, options.language),
    ...differenceRows(summary, words),
    ...failingRows(summary, options.language),
    ...breakRows(options),
    [],
    ...courseRows(summary, options),
    [],
    ...checkRows(summary, options.language),
    [],
    [label(words.listHash), label(summary.list.sha256 ?? '–')],
  ];
}

/** Returns what the report is about, with the labels of the page. */
function headRows(summary: Summary, { language, timeZone }: SummarySheetOptions): SheetCell[][] {
  const { facts, runStates } = pageTextsIn(language);
  const formats = createFormats(language, timeZone);
  return [
    [label(facts.job), label(summary.job)],
    [label(facts.list), label(summary.list.name)],
    [label(facts.provider), label(summary.provider)],
    [label(facts.state), label(runStates[summary.state])],
    [label(facts.finished), label(formats.dateTime(new Date(summary.finishedAt ?? summary.startedAt)))],
    [label(facts.run), label(summary.runId)],
  ];
}

function verdictRows(summary: Summary, { language, failedLeftOut }: SummarySheetOptions): SheetCell[][] {
  const { verdict } = summary;
  const told = tellVerdict(verdict, language);
  const style = toneOf(verdict) === 'good' ? 'good' : 'bad';
  const cause = verdict.kind === 'broken' ? null : tellEnd(summary, language);
  const left = failedLeftOut;
  return [
    [styled(told.sign, style)],
    [label(told.sentence)],
    ...(cause === null ? [] : [[label(cause)]]),
    ...(summary.exitReason === null
      ? []
      : [[label(`${pageTextsIn(language).reason} ${summary.exitReason} (exit ${summary.exitCode})`)]]),
    ...(left === null ? [] : [[styled(workbookTextsIn(language).leftOut('failed.xlsx', left), 'bad')]]),
  ];
}

/**
 * Returns who must act: because of the end itself, and on how many rows. Where totals are broken, nobody is asked to
 * act on a row.
 */
function needRows({ work, actorOfEnd, verdict }: Summary, language: Language): SheetCell[][] {
  if (verdict.kind === 'broken') return [];
  const page = pageTextsIn(language);
  const { actors } = recordTextsIn(language);
  const rows = listNeeds(work, actorOfEnd).map(({ actor, rows: count, becauseOfEnd }) => [
    styled(actors[actor], 'indented'),
    count === 0 ? label('') : figure(count),
    label(becauseOfEnd ? page.becauseOfEnd : ''),
  ]);
  if (rows.length === 0) return [[label(`${page.workByActor}: ${page.nobodysWork}`)]];
  return [[styled(page.workByActor, 'section')], ...rows];
}

/** Returns rows read = the sum over the classes that have rows. */
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

/** Returns every other equation: the expected figure, the figure found, and whether they are equal. */
function checkRows(summary: Summary, language: Language): SheetCell[][] {
  const words = workbookTextsIn(language);
  const { classes } = recordTextsIn(language);
  const rows = (summary.controlTotals ?? []).map((check) => {
    const about = check.class === null ? '' : ` (${classes[check.class].name})`;
    return [
      styled(controlTotalWords[check.name].title[language] + about, 'wrapped'),
      figure(check.expected),
      figure(check.found),
      check.agrees ? styled(words.totalsAgree, 'good') : styled(words.totalsDisagree, 'bad'),
    ];
  });
  return rows.length === 0 ? [] : [[styled(words.proofs, 'section')], headings(words.proofHeadings), ...rows];
}

/** Returns the differences from last night's list; nothing where there is none to compare with. */
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

/** Returns what fails, by cause, and for how long; nothing where no ages were kept. */
function failingRows({ failing }: Summary, language: Language): SheetCell[][] {
  if (failing === null || failing.length === 0) return [];
  const { classes, ages: ageWords } = recordTextsIn(language);
  const rows = failing.flatMap(({ class: name, code, ages }) => [
    [
      label([classes[name].name, ...(code === null ? [] : [code])].join(' ')),
      figure(ageBuckets.reduce((sum, bucket) => sum + ages[bucket], 0)),
    ],
    ...ageBuckets
      .filter((bucket) => ages[bucket] > 0)
      .map((bucket) => [styled(ageWords[bucket], 'indented'), figure(ages[bucket])]),
  ]);
  return [[styled(pageTextsIn(language).failing.heading, 'section')], ...rows, []];
}

/**
 * Returns one row per kind of break: how many are open, how many of those are new, how old they are, and how many are
 * settled or gone.
 */
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

/** Returns one row per class for each who must act on it; a class without rows is shown as well. */
function classTable(summary: Summary, language: Language): SheetCell[][] {
  const words = workbookTextsIn(language);
  const texts = { words: recordTextsIn(language), page: pageTextsIn(language), language };
  const { classes, actors } = texts.words;
  const rows = rowClasses.flatMap((name) => {
    const parts = summary.work.filter((one) => one.class === name);
    if (parts.length === 0) {
      return [[label(classes[name].name), figure(0), styled(actors[whoMustAct(name, false)], 'indented')]];
    }
    return parts.map((one) => [
      label(classes[name].name),
      figure(one.rows),
      styled(whoActs(one, summary, texts.words), 'indented'),
      styled(whatToDo(one, summary, texts), 'wrapped'),
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

/**
 * Returns the rows whose class did not come from the built-in table, and where it came from; nothing where there are
 * none.
 */
function givenRows({ givenClasses }: Summary, language: Language): SheetCell[][] {
  if (givenClasses.length === 0) return [];
  const { classes, classGivers } = recordTextsIn(language);
  const rows = givenClasses.map((given) => [
    label(given.code ?? '–'),
    figure(given.rows),
    label(classes[given.class].name),
    styled(classGivers[given.by], 'wrapped'),
  ]);
  return [[styled(workbookTextsIn(language).givenClasses, 'section')], ...rows, []];
}

function courseRows(summary: Summary, { language, timeZone }: SummarySheetOptions): SheetCell[][] {
  const words = workbookTextsIn(language);
  const formats = createFormats(language, timeZone);
  const { rate, latencyMs, startedAt, finishedAt } = summary;
  return [
    [styled(words.course, 'section')],
    [label(words.started), label(formats.dateTime(new Date(startedAt)))],
    [label(words.finished), label(formats.dateTime(finishedAt === null ? null : new Date(finishedAt)))],
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
