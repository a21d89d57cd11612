import { generate } from 'selfsigned';

/** PEM both. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** Who signs; null: itself. */
  readonly by: Certificate | null;
  /** Names and addresses it stands for, as `DNS` names or IPv4 addresses; none for a client. */
  readonly hosts?: readonly string[];
  /** Days from now; negative is past. */
  readonly validFrom?: number;
  readonly validTo?: number;
  readonly keyType?: 'ec' | 'rsa';
  readonly keySize?: number;
  /** Encrypts the key. */
  readonly passphrase?: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

function dayFromNow(days: number): Date {
  return new Date(Date.now() + days * DAY_MS);
}

/** A root that servers' and clients' certificates can be signed with. */
export async function createAuthority(name = 'kona test root'): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: dayFromNow(-1),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert: `${cert}\n`, key };
}

/** A certificate for a server that stands for `hosts`, or for a client without any. */
export async function issueCertificate(request: CertificateRequest): Promise<Certificate> {
  const { by, hosts = [], validFrom = -1, validTo = 30, passphrase, keyType = 'ec', keySize } = request;
  const names = hosts.map((host) =>
    /^[\d.]+$/.test(host) ? ({ type: 7, ip: host } as const) : ({ type: 2, value: host } as const),
  );
  const usage = hosts.length > 0 ? { serverAuth: true } : { clientAuth: true };
  const { cert, private: key } = await generate([{ name: 'commonName', value: hosts[0] ?? 'member' }], {
    keyType,
    ...(keySize === undefined ? {} : { keySize }),
    algorithm: 'sha256',
    notBeforeDate: dayFromNow(validFrom),
    notAfterDate: dayFromNow(validTo),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', ...usage },
      ...(names.length > 0 ? [{ name: 'subjectAltName', altNames: names } as const] : []),
    ],
    ...(by === null ? {} : { ca: by }),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  return { cert: `${cert}\n`, key };
}
