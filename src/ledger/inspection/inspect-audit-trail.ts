import { fault, fine, type Finding } from '../../domain/setup/finding.ts';
import { brokenTrailWords, proveAuditTrail } from '../desk/audit-proof.ts';
import type { Queryable } from '../ledger-port.ts';

/**
 * Proves the desk's audit trail; returns nothing where nobody has used the desk. The schema must be this program's.
 */
export async function inspectAuditTrail(on: Queryable): Promise<Finding[]> {
  const about = 'audit trail';
  const proof = await proveAuditTrail(on);
  if (proof.kind === 'whole') {
    return proof.entries === 0 ? [] : [fine(about, `${proof.entries} entries, and the chain is whole`)];
  }
  const cure =
    'somebody wrote to the ledger’s tables by other means: compare audit_entry with a backup, and look at who may log in to the database';
  return [fault(about, brokenTrailWords(proof), cure)];
}
