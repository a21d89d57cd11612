export type SandboxErrorCode =
  | 'SANDBOX_FIXTURES_INVALID'
  | 'SANDBOX_FAULTS_INVALID'
  | 'SANDBOX_HOST_REFUSED'
  | 'SANDBOX_CREDENTIALS_INVALID'
  | 'SANDBOX_LISTEN_FAILED'
  | 'SANDBOX_STATE_UNREADABLE';

/** A fault of the simulator's own set-up. A client's fault is an answer, never an error. */
export interface SandboxError extends Error {
  readonly code: SandboxErrorCode;
}

export function createSandboxError(code: SandboxErrorCode, message: string, cause?: unknown): SandboxError {
  return Object.assign(new Error(message, { cause }), { code });
}

export function isSandboxError(error: unknown): error is SandboxError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('SANDBOX_')
  );
}
