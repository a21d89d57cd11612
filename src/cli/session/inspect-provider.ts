import type { SetUp } from '../../config/setup/inspect-set-up.ts';
import type { Clock } from '../../domain/clock.ts';
import { doubt, fault, fine, type Finding } from '../../domain/finding.ts';
import { inspectKeys } from '../../konaplate/encryption/inspect-keys.ts';
import { ANSWERS_STAY_SHUT } from './provider-access.ts';

type RealProvider = Extract<SetUp['provider'], { readonly kind: 'konaplate' }>;

/** Credentials and keys. */
export function inspectProvider({ provider }: SetUp, clock: Clock): readonly Finding[] {
  if (provider === null) return [];
  if (provider.kind === 'sandbox')
    return [fine('provider', 'the simulator of this program; it needs no keys')];
  return inspectCredentials(provider, clock.now());
}

/** Their forms were checked when they were read. */
function inspectCredentials(provider: RealProvider, now: Date): readonly Finding[] {
  const { credentials, encryption, inquiryEncryption, answerKey } = provider;
  const secretKey = credentials.secretKey.reveal();
  const given = encryption ?? inquiryEncryption;
  const keyId = given === null ? '' : ', and the key id of 32';
  return [
    fine('keys', `the ASP id has its 15 characters, the access key its 40${keyId}`),
    secretKey.trim() === secretKey
      ? fine('keys', 'KONA_SECRET_KEY is set')
      : fault('keys', 'KONA_SECRET_KEY begins or ends with a blank', 'take the blank away'),
    ...inspectKeys(
      {
        serverPublicKey: given?.serverPublicKey ?? null,
        clientPrivateKey: answerKey?.reveal() ?? null,
      },
      now,
    ),
    ...(given !== null && answerKey === null ? [doubt('keys', ANSWERS_STAY_SHUT)] : []),
  ];
}
