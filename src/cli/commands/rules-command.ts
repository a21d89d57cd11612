import { openEnvironment } from '../../config/environment.ts';
import { readJobFile } from '../../config/job-file/job-file.ts';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { whoMustAct, type Actor } from '../../domain/class.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import type { BelievedOutcome, Reply } from '../../domain/outcome.ts';
import { INVALID_INPUT_CODE, sisterMeaningOf } from '../../domain/provider-code.ts';
import type { OutcomeRule } from '../../konaplate/built-in-outcomes.ts';
import { classifyReply, createOutcomeRules, type OutcomeRules } from '../../konaplate/outcome-rules.ts';
import type { Host } from '../host.ts';
import { formatTable } from '../terminal/table.ts';
import { UsageError } from '../usage-error.ts';

interface RulesArguments {
  readonly job?: string | undefined;
  readonly test?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Shows the outcome rules in force, built in or with a job file's own; or what one answer would mean. */
export async function rulesCommand(
  argv: Readonly<Record<string, unknown>> & RulesArguments,
  host: Host,
): Promise<ExitCode> {
  const rules = createOutcomeRules(argv.job === undefined ? {} : await readOutcomes(argv.job, host));
  const shown = argv.test === undefined ? listRules(rules) : testRule(rules, argv.test);
  host.stdout.write(argv.json === true ? `${JSON.stringify(shown.document, null, 2)}\n` : shown.text);
  return exitCodes.done;
}

async function readOutcomes(target: string, host: Host): Promise<Parameters<typeof createOutcomeRules>[0]> {
  const environment = await openEnvironment(host.env, host.cwd);
  if (environment.kind === 'refused') throw new ConfigurationError(environment.problems);
  const jobFile = await readJobFile(target, environment.value);
  if (jobFile.kind === 'refused') throw new ConfigurationError(jobFile.problems);
  return jobFile.value.outcomes;
}

interface Shown {
  readonly document: unknown;
  readonly text: string;
}

function listRules(rules: OutcomeRules): Shown {
  const rows = [...rules.byCode.values()].map((rule) => ({
    code: rule.code,
    httpStatus: rule.documentedStatus,
    class: rule.class,
    whoMustAct: actorOf(rule.class),
    origin: rule.origin,
    text: rule.text,
  }));
  const table = formatTable(
    ['code', 'HTTP', 'class', 'who must act', 'from', 'meaning'],
    rows.map((row) => [
      row.code,
      row.httpStatus ?? 'any',
      row.class,
      row.whoMustAct.replace('_', ' '),
      row.origin.replace('_', ' '),
      row.text.en,
    ]),
  );
  const rest =
    'Before the code: 429 waits and costs no attempt, 5xx is ambiguous, 3xx stops the run, and so do 401, 403 and 404\n' +
    'without a code above other than 000_002, and 405, 406, 411, 413, 414, 415 and 431 without any code; once another\n' +
    'answer has proved the set-up, one record refused so waits for the end, and three in a row stop the run. Any other\n' +
    'code is unknown_code; an answer without a readable code is ambiguous.\n' +
    '000_002 is believed of a row only where our set-up is proved (by 000_000, 001_003 or 007_xxx under the same keys\n' +
    'and address) or where the job file gives it a class; until then its row waits.\n';
  return { document: rows, text: table + rest };
}

function testRule(rules: OutcomeRules, answer: string): Shown {
  const { httpStatus, code } = parseAnswer(answer);
  const reply: Reply = {
    kind: 'answered',
    httpStatus,
    code,
    unread: code === null ? 'no code given' : null,
    message: null,
    raw: '',
    retryAfterMs: null,
  };
  const outcome = classifyReply(reply, { unansweredBefore: 0, setup: 'proved' }, rules);
  const rule = code === null ? undefined : rules.byCode.get(code);
  const given = outcome.kind === 'stop_run' ? 'stop_run' : outcome.class;
  const why = explainOutcome(
    outcome,
    { httpStatus, code },
    httpStatus < 500 && rule !== undefined ? `${rule.text.en}.` : null,
  );
  const actor = actorOf(given);
  const document = { httpStatus, code, class: given, whoMustAct: actor, why };
  return {
    document,
    text: `${answer.trim()} → ${given}: ${why} Who must act: ${actor.replace('_', ' ')}.\n`,
  };
}

/** Returns who must act on a rule's outcome; operations must act on what stops a run. */
function actorOf(given: OutcomeRule['class']): Actor {
  return given === 'stop_run' ? 'operations' : whoMustAct(given, false);
}

function parseAnswer(text: string): { httpStatus: number; code: string | null } {
  const parts = /^\s*([1-5]\d\d)(?:\s+(\d{3}_\d{3}))?\s*$/.exec(text);
  if (parts === null)
    throw new UsageError('--test: expected an HTTP status and a code, such as "400 007_017"');
  return { httpStatus: Number(parts[1]), code: parts[2] ?? null };
}

interface TestedAnswer {
  readonly httpStatus: number;
  readonly code: string | null;
}

function explainOutcome(outcome: BelievedOutcome, answer: TestedAnswer, meaning: string | null): string {
  switch (outcome.kind) {
    case 'stop_run':
      return outcome.sentence;
    case 'throttled':
      return 'Too many requests: not processed; everybody waits as long as the answer asks, and it costs no attempt.';
    case 'unsettled':
      return (
        meaning ??
        `HTTP ${answer.httpStatus} without a code that decides: the call may have taken effect, and is made again.`
      );
    case 'settled':
      return explainSettled(outcome.class === 'unknown_code', answer, meaning);
  }
}

function explainSettled(isUnknown: boolean, { code }: TestedAnswer, meaning: string | null): string {
  if (meaning !== null && !isUnknown) {
    return code === INVALID_INPUT_CODE
      ? `${meaning} Believed only where an answer under the same keys and address has proved our set-up; until then the row waits.`
      : meaning;
  }
  const sister = code === null ? null : sisterMeaningOf(code);
  const beside = sister === null ? '' : ` (on sister calls: ${sister.en})`;
  return `Not documented for this status${beside}: parked and shown, never guessed.`;
}
