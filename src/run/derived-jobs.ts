/** The job a retry of `job` runs as: a job of its own, so that it never closes the run it takes from. */
export function retryJobOf(job: string): string {
  return job.startsWith('retry-') ? job : `retry-${job}`.slice(0, 64).replace(/-+$/, '');
}

/** The job a reconciliation with the provider runs as: one of its own, so that it can run beside the nightly one. */
export function reconcileJobOf(job: string): string {
  return job.startsWith('reconcile-') ? job : `reconcile-${job}`.slice(0, 64).replace(/-+$/, '');
}

/** Whether both spend from one `maxCalls`: a job, its retries, what was handed back, and the reconciliations of either. */
export function isOnePurse(one: string, other: string): boolean {
  return spendersWith(one).includes(other) || spendersWith(other).includes(one);
}

/** A name for the purse of a job, the same for all that spend from it. */
export function purseOf(job: string): string {
  return reconcileJobOf(rootOf(job));
}

/** The name of the job a derived one was made from, cut where that one is. */
function rootOf(job: string): string {
  return job.replace(/^reconcile-/, '').replace(/^retry-/, '');
}

function spendersWith(job: string): string[] {
  const root = rootOf(job);
  return [job, root, retryJobOf(root), reconcileJobOf(root), reconcileJobOf(retryJobOf(root))];
}
