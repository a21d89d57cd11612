import { createSandboxError } from '../sandbox-error.ts';

export interface SandboxCredentials {
  /** 15 characters. */
  readonly aspId: string;
  /** 40 characters. */
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Public credentials: they can only sign calls to this simulator. */
export const sandboxCredentials: SandboxCredentials = {
  aspId: 'SANDBOX00000001',
  accessKey: '5a4d0b0c7e1f42d39a86b7c8d9e0f1a2b3c4d5e6',
  secretKey: 'sandbox-secret-of-nobody',
};

/**
 * Checks lengths against register-api.txt. Other lengths could never be accepted, which would look like a fault of
 * the client.
 */
export function checkCredentials(credentials: SandboxCredentials): SandboxCredentials {
  const isUsable =
    /^[!-~]{15}$/.test(credentials.aspId) &&
    /^[!-~]{40}$/.test(credentials.accessKey) &&
    credentials.secretKey !== '';
  if (isUsable) return credentials;
  throw createSandboxError(
    'SANDBOX_CREDENTIALS_INVALID',
    'sandbox credentials: the ASP id has 15 characters, the access key 40, the secret key at least one',
  );
}
