import { disguises, momentaryFaults } from '../../src/sandbox/faults/fault.ts';

/** One of every fault that a card can be given, as `spellFault` writes it. */
export const scriptableFaults: readonly string[] = [
  '429',
  '429 1s',
  '429 date 1s',
  ...[
    '500',
    '502',
    '503',
    '504',
    '401',
    '403',
    '404',
    '405',
    '302',
    '307',
    '009_999',
    ...momentaryFaults,
  ].flatMap((what) => [`${what} before`, `${what} after`]),
  ...disguises,
  'slow 300ms',
];
