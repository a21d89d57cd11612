import { messageOf } from '../../domain/error-words.ts';
import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';
import { doubtCertificateEnd } from '../certificate-end.ts';
import { parseClientKey, parseServerKey, serverCertificateEnd } from './encryption-keys.ts';

/** The two keys' texts as they were configured. */
export interface GivenKeys {
  /** Null: nothing is encrypted. */
  readonly serverPublicKey: string | null;
  /** Null: none is set. */
  readonly clientPrivateKey: string | null;
}

/** Checks that a run would accept the keys, and how long they are valid. Repeats no value. */
export function inspectKeys({ serverPublicKey, clientPrivateKey }: GivenKeys, now: Date): Finding[] {
  const isEncrypted = serverPublicKey !== null;
  return [
    ...(isEncrypted
      ? inspectServerKey(serverPublicKey, now)
      : [
          doubt('keys', 'bodies are sent plain (provider.encryption: off), as only a test system takes them'),
        ]),
    // Where nothing is encrypted, a run ignores a private key that it can't read.
    ...(clientPrivateKey === null ? [] : inspectClientKey(clientPrivateKey, isEncrypted ? fault : doubt)),
  ];
}

function inspectServerKey(text: string, now: Date): Finding[] {
  const cure = 'write the provider’s key or certificate there, as its portal offers it';
  try {
    const bits = parseServerKey(text, now).asymmetricKeyDetails?.modulusLength ?? 0;
    const end = serverCertificateEnd(text);
    return [
      fine('keys', `KONA_SERVER_PUBLIC_KEY: RSA of ${bits} bits`),
      ...(end === null ? [] : doubtCertificateEnd('keys', 'KONA_SERVER_PUBLIC_KEY', end, now)),
    ];
  } catch (error) {
    return [fault('keys', messageOf(error), cure)];
  }
}

function inspectClientKey(text: string, wrong: typeof fault | typeof doubt): Finding[] {
  try {
    const bits = parseClientKey(text).asymmetricKeyDetails?.modulusLength ?? 0;
    return [fine('keys', `KONA_CLIENT_PRIVATE_KEY: RSA of ${bits} bits`)];
  } catch (error) {
    return [wrong('keys', messageOf(error), 'write our own private key there, without a passphrase')];
  }
}
