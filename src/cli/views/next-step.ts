import { dirname, join } from 'node:path';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import type { Language } from '../../domain/language.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { tellNext } from '../../report/texts/cause-texts.ts';
import { recordTextsIn } from '../../report/texts/record-texts-in.ts';
import type { RunResult } from '../../run/run-environment.ts';

/** What a person does next, in both languages; commands are the same in each. */
export interface NextStep {
  readonly en: string;
  readonly ko: string;
}

const resumable: ReadonlySet<ExitCode> = new Set<ExitCode>([
  exitCodes.stoppedByGuard,
  exitCodes.providerUnavailable,
  exitCodes.interrupted,
  exitCodes.terminated,
]);

/** Returns the next step. `program`: how to start the program. Null: nothing is to be done. */
export function nextStepOf(result: RunResult, program: string): NextStep | null {
  const { classes, runId: run } = result.summary;
  if (result.exitCode === exitCodes.totalsDisagree) {
    return {
      en: 'do not use these files; keep them and the ledger, and report this.',
      ko: '이 파일들을 쓰지 말고, 원장과 함께 보관한 뒤 알려 주십시오.',
    };
  }
  if (resumable.has(result.exitCode)) {
    const end = { state: result.summary.state, exitCause: result.exitCause };
    const nextIn = (language: Language): string =>
      tellNext(end, language) ?? recordTextsIn(language).classes.unprocessed.toDo;
    return { en: nextIn('en'), ko: nextIn('ko') };
  }
  const asked = classes.bad_data + classes.conflict + classes.unknown_code;
  const failed = classes.action_required + classes.ambiguous + classes.transient;
  if (failed > 0) {
    const command = `${program} retry --run ${run}`;
    return {
      en: `${command}    (calls the ${failed} that may succeed by now)`,
      ko: `${command}    (이제 될 수 있는 ${failed}건을 다시 호출합니다)`,
    };
  }
  if (asked > 0) return correctAndRun(result, 'failed.csv', program);
  if (classes.rejected + classes.disputed > 0) return correctAndRun(result, 'rejected.csv', program);
  return null;
}

/**
 * Result files are lists as they are, and know their run. A copy is corrected, because the folder's own files are
 * compared with their hashes.
 */
function correctAndRun({ folder, summary }: RunResult, file: string, program: string): NextStep {
  const copy = shellWord(join(dirname(folder), `corrected-${summary.runId}.csv`));
  const copying = `cp ${shellWord(join(folder, file))} ${copy}`;
  const isForExcel = file === 'failed.csv';
  const excel = isForExcel ? ' (in Excel: a copy of failed.xlsx beside it)' : '';
  const koreanExcel = isForExcel ? '(엑셀에서는 옆에 있는 failed.xlsx의 복사본)' : '';
  const running = `${program} run ${copy}`;
  return {
    en: `${copying}, correct that copy${excel}, then, under the settings of this run: ${running}`,
    ko: `${copying} 로 복사하고 그 복사본${koreanExcel}을 고친 뒤 실행하면 이 실행의 설정으로 처리합니다: ${running}`,
  };
}

/** Quotes a text as one word for a shell, on one line, whatever a folder's name contains. */
export function shellWord(text: string): string {
  const word = cleanUntrustedText(text);
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
