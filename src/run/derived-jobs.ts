/** Names the job that a retry of `job` runs as. It is another job, so that it never closes the run it retries. */
export function retryJobOf(job: string): string {
  return job.startsWith('retry-') ? job : `retry-${job}`.slice(0, 64).replace(/-+$/, '');
}

/**
 * Names the job that a reconciliation of `job` runs as. It is another job, so that it can run beside the nightly one.
 */
export function reconcileJobOf(job: string): string {
  return job.startsWith('reconcile-') ? job : `reconcile-${job}`.slice(0, 64).replace(/-+$/, '');
}

/**
 * Tells whether two jobs spend from one `maxCalls`, as a job does with its retries, handed-back lists and
 * reconciliations.
 */
export function isOnePurse(one: string, other: string): boolean {
  return spendersWith(one).includes(other) || spendersWith(other).includes(one);
}

/** Names the purse of a job. All jobs that spend from it get the same name. */
export function purseOf(job: string): string {
  return reconcileJobOf(rootOf(job));
}

/** Names the job that a derived job was made from; cut to the same length where the derived name was cut. */
function rootOf(job: string): string {
  return job.replace(/^reconcile-/, '').replace(/^retry-/, '');
}

function spendersWith(job: string): string[] {
  const root = rootOf(job);
  return [job, root, retryJobOf(root), reconcileJobOf(root), reconcileJobOf(retryJobOf(root))];
}
