/** The calls of the provider that the simulator serves. */
export type CallKind = 'register' | 'plans';

/** Paths below the base URL; the method is POST. */
const callPaths: Readonly<Record<CallKind, string>> = {
  register: '/api/v1/recharges/auto/payments/register',
  plans: '/api/v1/recharges/auto/payments/plans',
};

export function callAt(method: string, path: string): CallKind | null {
  if (method !== 'POST') return null;
  if (path === callPaths.register) return 'register';
  return path === callPaths.plans ? 'plans' : null;
}
