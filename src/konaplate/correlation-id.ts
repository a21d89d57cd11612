import { createCodedError } from './transport/coded-error.ts';

const MAX_NUMBER = 0xfff_ffff;

/**
 * `yyMMddHHmmss-xxxxxxx`: 20 characters, the last seven hex. Unique as long as the caller never hands in
 * the same number twice within one second; the ledger's sequence sees to that.
 */
export function formatCorrelationId(correlationPrefix: string, correlationNumber: number): string {
  if (!Number.isInteger(correlationNumber) || correlationNumber < 0 || correlationNumber > MAX_NUMBER) {
    throw createCodedError('correlation_number_range', 'a correlation number has 28 bits: 0 to 268435455');
  }
  return `${correlationPrefix}-${correlationNumber.toString(16).padStart(7, '0')}`;
}
