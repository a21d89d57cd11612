/** Points of a record's way that can be observed. Nobody has to listen, and no answer is awaited. */
export type RunPoint =
  | 'rows_staged'
  | 'claimed'
  | 'sending_committed'
  | 'bytes_left'
  | 'answered'
  | 'recorded'
  | 'report_part_written'
  /** A run is complete, but its list is still in the inbox. */
  | 'inbox_move';

export interface RunSignals {
  reached(point: RunPoint): void;
}

export const silentSignals: RunSignals = { reached: () => undefined };
