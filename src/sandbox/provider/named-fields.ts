import type { Answer } from './answers.ts';

/** The header or field of a refusal, by its reason; reasons that concern no single one are not listed. */
const fieldOfReason: Readonly<Record<string, string>> = {
  content_type: 'Content-Type',
  accept: 'Accept',
  asp_id: 'X-KM-User-AspId',
  correlation_id: 'X-KM-Correlation-Id',
  correlation_time: 'X-KM-Correlation-Id',
  correlation_id_repeated: 'X-KM-Correlation-Id',
  access_key: 'X-KM-Access-Key',
  crypto_key_id: 'X-KM-Crypto-Key-Id',
  crypto_key_id_missing: 'X-KM-Crypto-Key-Id',
  unknown_crypto_key_id: 'X-KM-Crypto-Key-Id',
  enc_data: 'encData',
  encryption_required: 'encData',
  plain_required: 'encData',
  time_zone: 'X-KM-Time-Zone',
  tran_time: 'X-KM-Tran-Time',
  tran_token: 'X-KM-Tran-Token',
  token_time: 'X-KM-Tran-Token',
};

/** Returns the field of a refusal as the platform's sister pages name it in their message, or null. */
export function fieldOf(reason: string): string | null {
  return fieldOfReason[reason] ?? null;
}

/** Returns the answer with the faulty fields after its message, as in "Invalid input parameter. userId, par". */
export function withFields(answer: Answer, fields: readonly string[]): Answer {
  if (fields.length === 0) return answer;
  return { ...answer, description: `${answer.description} ${fields.join(', ')}` };
}
