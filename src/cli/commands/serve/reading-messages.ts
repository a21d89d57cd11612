import type { DeskJob, DeskOptions } from '../../../desk/server/desk-options.ts';
import type { LedgerAddress } from '../../../ledger/engine/open-ledger.ts';
import type { UnreadUpload } from '../../../ledger/desk/upload-plans.ts';

/** A job whose uploads are read. */
export interface ReadingJob extends Pick<DeskJob, 'name' | 'reportsDirectory'> {
  readonly file: string;
}

/** What the process that reads uploads is told once, before the first upload. */
export interface ReadingOrders {
  readonly address: LedgerAddress & { readonly kind: 'server' };
  readonly cwd: string;
  readonly me: DeskOptions['me'];
  readonly jobs: readonly ReadingJob[];
  /** The flags that say how a run goes. */
  readonly words: Readonly<Record<string, unknown>>;
}

export type ReadingRequest =
  | { readonly kind: 'orders'; readonly orders: ReadingOrders }
  | { readonly kind: 'read'; readonly upload: UnreadUpload };

export type ReadingReply =
  /** Text for stderr. */
  | { readonly kind: 'told'; readonly text: string }
  /** The outcome of the upload is stored. */
  | { readonly kind: 'stored' }
  /** The outcome can't be known now. */
  | { readonly kind: 'failed'; readonly message: string };
