import type { ConfiguredList } from '../../config/configured-list.ts';
import { endBy } from '../../domain/exit-cause.ts';
import { sha256OfFile } from '../../intake/file-hash.ts';
import { findRunApproval, noteApprovedRun } from '../../ledger/desk/approval-table.ts';
import { noteUploadRun, type UploadRequest } from '../../ledger/desk/upload-requests.ts';
import { runLists, withJobLock, type ListTurns } from '../../run/run-job.ts';
import type { LockedEnvironment, RefusedList, RunEnvironment, RunResult } from '../../run/run-environment.ts';
import { checkApproval } from './approved-calls.ts';
import { tellFileLoss } from './uploaded-file.ts';
import type { ReadList } from '../../run/start/read-lists.ts';

/** A request for an upload, with its id in the queue. */
export interface AskedUpload extends UploadRequest {
  readonly request: string;
}

/**
 * Runs an uploaded list, which is the only list of the configuration, as `run` does. The ledger knows the upload's run
 * from its beginning on.
 */
export async function runUpload(
  environment: RunEnvironment,
  upload: AskedUpload,
): Promise<(RunResult | RefusedList)[]> {
  return await withJobLock(environment, async (locked) => {
    const limited = await withApprovedCalls(locked, upload.request);
    return await runLists(limited, limited.configuration.lists, turnsOf(limited, upload));
  });
}

/** Limits the calls of a run to the number that was approved, even if the ledger changes meanwhile. */
async function withApprovedCalls(
  environment: LockedEnvironment,
  request: string,
): Promise<LockedEnvironment> {
  const approval = await findRunApproval(environment.ledger, request);
  if (approval === null) return environment;
  const { configuration } = environment;
  const { flags } = configuration;
  const limit = Math.min(flags.limit ?? approval.calls_left, approval.calls_left);
  return { ...environment, configuration: { ...configuration, flags: { ...flags, limit } } };
}

function turnsOf(
  environment: LockedEnvironment,
  { request, sha256, file_name: name }: AskedUpload,
): ListTurns {
  const { ledger } = environment;
  return {
    check: async (list: ConfiguredList, read: ReadList) => {
      if (read.kind === 'refused' || list.kind !== 'file') return read;
      if ((await sha256OfFile(list.path)) === sha256) {
        const voided = await checkApproval(environment, request, list);
        return voided === null ? read : { kind: 'refused', ...voided, korean: null };
      }
      const { en, ko } = tellFileLoss('changed', name);
      return { kind: 'refused', ...endBy('list_refused', en), korean: ko };
    },
    begins: async (_list, runNo) => {
      await noteUploadRun(ledger, request, runNo);
      await noteApprovedRun(ledger, request, runNo);
    },
    ended: async () => await Promise.resolve(),
  };
}
