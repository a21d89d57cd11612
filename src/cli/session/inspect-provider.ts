import type { SetUp } from '../../config/setup/inspect-set-up.ts';
import type { Clock } from '../../domain/clock.ts';
import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';
import { inspectClock } from '../../dispatch/guards/clock-watch.ts';
import { inspectKeys } from '../../konaplate/encryption/inspect-keys.ts';
import { inspectConnection } from '../../konaplate/transport/inspect-connection.ts';
import { revealTransport, ANSWERS_STAY_SHUT } from './provider-access.ts';

/** Time limit for one answer, where no job file sets one. */
const USUAL_TIMEOUT_MS = 10_000;

type RealProvider = Extract<SetUp['provider'], { readonly kind: 'konaplate' }>;

/** Checks credentials and keys, whether a call would reach the provider, and the provider's clock. */
export async function inspectProvider(
  { provider, settings }: SetUp,
  clock: Clock,
  stop: AbortSignal,
): Promise<readonly Finding[]> {
  if (provider === null) return [];
  if (provider.kind === 'sandbox')
    return [fine('provider', 'the simulator of this program; it needs no keys')];
  const { findings, dated } = await inspectConnection({
    baseUrl: provider.baseUrl,
    transport: revealTransport(provider.transport),
    timeoutMs: settings?.limits.timeoutMs ?? USUAL_TIMEOUT_MS,
    now: () => clock.now(),
    stop,
  });
  const clocks = dated === null ? null : inspectClock('provider', dated, dated.heardAt);
  return [...inspectCredentials(provider, clock.now()), ...findings, ...(clocks === null ? [] : [clocks])];
}

/** Describes the credentials; their forms were checked when they were read. */
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
