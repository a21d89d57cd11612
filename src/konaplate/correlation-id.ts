import { createCodedError } from './transport/coded-error.ts';

const MAX_NUMBER = 0xfff_ffff;

/**
 * Returns `yyMMddHHmmss-xxxxxxx`: 20 characters, the last seven hexadecimal. It is unique as long as the caller never
 * passes the same number twice within one second, which the ledger's sequence ensures.
 */
export function formatCorrelationId(correlationPrefix: string, correlationNumber: number): string {
  if (!Number.isInteger(correlationNumber) || correlationNumber < 0 || correlationNumber > MAX_NUMBER) {
    throw createCodedError('correlation_number_range', 'a correlation number has 28 bits: 0 to 268435455');
  }
  return `${correlationPrefix}-${correlationNumber.toString(16).padStart(7, '0')}`;
}
