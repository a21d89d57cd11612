import type { DeskProblem } from '../texts/desk-texts.ts';

const statuses: Readonly<Record<DeskProblem, number>> = {
  not_found: 404,
  wrong_host: 421,
  wrong_origin: 403,
  old_page: 403,
  no_file: 400,
  empty_file: 400,
  no_kind: 400,
  too_large: 413,
  broken_upload: 400,
  several_files: 400,
  not_signed_in: 401,
  not_believed: 401,
  no_role: 403,
  not_allowed: 403,
  no_email: 403,
  sign_in_failed: 502,
  too_many: 429,
  own_upload: 403,
  no_reason: 400,
  no_result: 404,
  too_late: 409,
  file_lost: 409,
  too_many_pages: 503,
  no_ledger: 503,
  no_room: 507,
  fault: 500,
};

/** A request that the desk refuses, for a reason that the page tells its sender. */
export class DeskProblemError extends Error {
  readonly problem: DeskProblem;

  constructor(problem: DeskProblem, options?: ErrorOptions) {
    super(problem, options);
    this.problem = problem;
  }
}

export function statusOf(problem: DeskProblem): number {
  return statuses[problem];
}
