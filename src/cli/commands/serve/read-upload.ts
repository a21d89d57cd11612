import { planUpload } from '../../../desk/uploads/plan-upload.ts';
import { messageOf } from '../../../domain/error-words.ts';
import type { UnreadUpload } from '../../../ledger/desk/upload-plans.ts';
import { openLedger, type OpenLedger } from '../../../ledger/engine/open-ledger.ts';
import type { ConfiguringHost } from '../../session/list-configuration.ts';
import { systemClock } from '../../system-clock.ts';
import type { ReadingOrders, ReadingReply } from './reading-messages.ts';
import { configurationOfUpload, jobFileOf } from './upload-configuration.ts';

/**
 * Returns a function that reads one upload, as the desk's own process would. It never rejects. The ledger is opened for
 * the first upload, and again for the next where that failed.
 */
export function openReading(
  surroundings: Pick<ConfiguringHost, 'env' | 'stderr'>,
  { address, cwd, me, jobs, words }: ReadingOrders,
): (upload: UnreadUpload) => Promise<ReadingReply> {
  const host: ConfiguringHost = { ...surroundings, cwd };
  let ledger: OpenLedger | null = null;
  return async (upload) => {
    try {
      const opened = (ledger ??= await openLedger(address));
      const configure: Parameters<typeof planUpload>[0]['configure'] = async ({ job, path, saidYes }) => {
        const jobFile = jobFileOf(jobs, job);
        return await configurationOfUpload(host, opened, { argv: words, file: { jobFile, path, saidYes } });
      };
      await planUpload({ ledger: opened, clock: systemClock, me, jobs, configure }, upload);
      return { kind: 'stored' };
    } catch (error) {
      return { kind: 'failed', message: messageOf(error) };
    }
  };
}
