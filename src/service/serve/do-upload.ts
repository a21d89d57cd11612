import {
  beginUpload,
  endUpload,
  findUploadRequest,
  type UploadEnd,
} from '../../ledger/desk/upload-requests.ts';
import { HandedBackError } from '../queue/run-queue.ts';
import type { AskedUpload } from '../uploads/run-upload.ts';
import { HANDED_BACK, sharedNow, type RequestOptions } from './do-request.ts';
import type { ServedJob } from './served-job.ts';

export interface UploadRequestOptions extends Omit<RequestOptions, 'run'> {
  /** This function never rejects. */
  readonly runUpload: (job: ServedJob, upload: AskedUpload) => Promise<UploadEnd>;
}

/**
 * Runs the uploaded list that a request asks for, if the ledger says that it is still to be run. Returns false where
 * the request is not for an upload, or is over. Rejects with HandedBackError where another process has to continue it,
 * or could begin it while this one has no slot free.
 */
export async function doUpload(
  options: UploadRequestOptions,
  job: ServedJob,
  request: string,
): Promise<boolean> {
  const { ledger, stop, slots, runUpload, tell } = options;
  const asked = await findUploadRequest(ledger, request);
  if (asked === null) return false;
  const turn = { job: job.name, rows: asked.rows };
  const ended = await slots.take(turn, stop, async (): Promise<UploadEnd | null> => {
    if (!(await beginUpload(ledger, request, await sharedNow(options)))) return null;
    // Another process may have made the run while this request waited for its slot.
    const upload = await findUploadRequest(ledger, request);
    if (upload === null) return null;
    const before = endBefore(upload);
    if (before !== null) return before;
    const isAgain = asked.state === 'running';
    tell(job, `upload ${upload.id} ${isAgain ? 'goes on: its worker is gone' : 'begins'}`);
    return await runUpload(job, { ...upload, request });
  });
  if (ended === null && !stop.aborted) return true;
  if (ended === null || HANDED_BACK.has(ended.exitCause)) throw new HandedBackError();
  // The process that has taken the run over also ends the upload.
  if (ended.exitCause === 'overtaken') return true;
  await endUpload(ledger, request, { end: ended, at: await sharedNow(options) });
  tell(job, `upload ${asked.id} ended with exit ${ended.exitCode} (${ended.exitCause})`);
  return true;
}

/**
 * Returns how the upload's run ended where its worker died before it could end the upload; null where the run has not
 * ended or has to continue.
 */
function endBefore({ exit_code, exit_cause, exit_reason: reason }: AskedUploadEnd): UploadEnd | null {
  if (exit_code === null || exit_cause === null || HANDED_BACK.has(exit_cause)) return null;
  return { exitCode: exit_code, exitCause: exit_cause, reason, korean: null };
}

type AskedUploadEnd = Pick<AskedUpload, 'exit_code' | 'exit_cause' | 'exit_reason'>;
