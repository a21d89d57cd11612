import type { CallClass } from '../domain/class.ts';
import type { Words } from '../domain/language.ts';
import { codeMeanings, type DocumentedCode } from '../domain/provider-code.ts';

/** What one code of the provider means. */
export interface OutcomeRule {
  readonly code: string;
  /** The HTTP status the provider documents for the code; null for a code it does not document. */
  readonly documentedStatus: number | null;
  /** Only a job file gives a code the outcome stop_run. */
  readonly class: CallClass | 'stop_run';
  readonly text: Words;
  readonly origin: 'built_in' | 'job_file';
}

/** A rule for a code that the provider documents; never stop_run. */
export type BuiltInRule = OutcomeRule & { readonly class: CallClass };

/** Source: register-api.txt, "Response Code", in PROVIDER.md's reading. */
export const builtInOutcomes: readonly BuiltInRule[] = [
  rule('000_000', 200, 'enrolled'),
  rule('007_017', 400, 'already_active'),
  rule('007_012', 400, 'conflict'),
  rule('000_002', 400, 'bad_data'),
  rule('001_003', 400, 'bad_data'),
  rule('007_015', 400, 'action_required'),
  rule('007_016', 400, 'action_required'),
  rule('007_027', 400, 'action_required'),
  rule('007_031', 400, 'action_required'),
];

function rule(code: DocumentedCode, documentedStatus: number, callClass: CallClass): BuiltInRule {
  return { code, documentedStatus, class: callClass, text: codeMeanings[code], origin: 'built_in' };
}
