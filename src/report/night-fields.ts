import { z } from 'zod';
import { ageBuckets } from '../domain/reconciliation/break.ts';
import { rowClasses } from '../domain/class.ts';
import { readStoredDifference } from '../ledger/proofs/stored-proofs.ts';
import type { RunRow } from '../ledger/runs/run-table.ts';

const count = z.int().min(0);

/** The fields of summary.json that compare this night with earlier ones. */
export const nightFields = {
  difference: z
    .object({
      comparedWith: z.object({ runId: z.string(), night: z.string().describe('yyyy-MM-dd') }),
      added: count,
      gone: count,
      parChanged: count.describe('members; their records also count as added and gone'),
      newlyFailing: count,
      cured: count,
      stillFailing: z.array(z.object({ nights: z.int().min(1), records: z.int().min(1) })),
    })
    .nullable()
    .describe(
      'from the last night before in which a list of the job came to its end, in records; null: the first night, no list, or it did not come to its end',
    ),
  failing: z
    .array(
      z.object({
        class: z.enum(rowClasses),
        code: z.string().nullable(),
        ages: z.record(z.enum(ageBuckets), count),
      }),
    )
    .readonly()
    .nullable()
    .describe(
      'records that fail, by class and code, and for how many nights they have been failing: 0 is tonight; null: as for `difference`, except on a first night, or an older program ended the run',
    ),
};

/** Returns the difference as JSON; also null on a first night. */
export function describeDifference(run: RunRow): z.infer<typeof nightFields.difference> {
  const difference = readStoredDifference(run);
  if (difference === null || difference.comparedWith === null) return null;
  const { comparedWith, stillFailing, failing: _failing, ...counts } = difference;
  return { comparedWith, ...counts, stillFailing: [...stillFailing] };
}
