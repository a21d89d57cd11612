/** Places on a record's way that others may want to hear of; nobody has to listen, and no answer is awaited. */
export type RunPoint =
  | 'rows_staged'
  | 'claimed'
  | 'sending_committed'
  | 'bytes_left'
  | 'answered'
  | 'recorded'
  | 'report_part_written'
  /** A run is complete, and its list lies in the inbox still. */
  | 'inbox_move';

export interface RunSignals {
  reached(point: RunPoint): void;
}

export const silentSignals: RunSignals = { reached: () => undefined };
