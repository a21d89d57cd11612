import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';
import { lookAtSchema } from '../engine/migrate.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';
import { inspectAuditTrail } from './inspect-audit-trail.ts';
import { inspectPauses } from './inspect-pauses.ts';
import type { ServerFacts } from './server-facts.ts';

/** Checks that the schema is this program's, and that the role may do in it what a run does. */
export async function inspectSchema(on: Queryable, facts: ServerFacts): Promise<Finding[]> {
  const about = 'ledger schema';
  const asOwner = 'as the owner of the ledger, start `kona-enroll migrate` once';
  const rights = await readRights(on);
  if (!rights.mayReadSteps) {
    return [
      fault('ledger rights', `the role ${facts.role} may not read the ledger’s tables`, grantCure(facts)),
    ];
  }
  const { applied, missing } = await lookAtSchema(on);
  const isOwner = rights.owner === null ? facts.mayCreate : rights.isOwner;
  if (applied === 0) {
    if (!isOwner) {
      const what = `there is no ledger in schema ${facts.schema}, and the role may not make one`;
      return [fault(about, what, asOwner)];
    }
    if (rights.tables > 0) {
      const what = `no ledger in schema ${facts.schema} of ${facts.database}, but ${rights.tables} tables of others`;
      const cure = 'is it the right database? If so, give the ledger a schema of its own';
      return [doubt(about, what, cure)];
    }
    return [fine(about, 'no ledger yet: the first run makes it')];
  }
  if (missing.length > 0) {
    const what = `${missing.length} ${missing.length === 1 ? 'step is' : 'steps are'} missing, from ${missing[0] ?? ''} on`;
    if (!isOwner) return [fault(about, `${what}, and the role may not make them`, asOwner)];
    return [
      doubt(about, what, 'start `kona-enroll migrate` by day; else tonight’s start does the same'),
      ...judgeRights(rights, facts),
    ];
  }
  return [
    fine(about, `version ${applied}, as this program’s`),
    ...judgeRights(rights, facts),
    ...(rights.lacking.length > 0 ? [] : [...(await inspectPauses(on)), ...(await inspectAuditTrail(on))]),
  ];
}

interface Rights {
  /** Owner of the ledger's tables; null: there are none. */
  readonly owner: string | null;
  readonly isOwner: boolean;
  readonly mayReadSteps: boolean;
  /** Number of tables in the schema, whoever owns them. */
  readonly tables: number;
  /** Missing rights, such as `update on attempt`. */
  readonly lacking: readonly string[];
}

/**
 * Selects the tables that belong to the ledger's owner; all of them but the table of migration steps are written to.
 * The server may evaluate a right before the kind of relation, so each question has its own case.
 */
const RIGHTS = `
with steps as (
  select c.oid, c.relowner from pg_class c
  where c.oid = to_regclass(quote_ident(current_schema()) || '.schema_migration')
), relation as (
  select c.oid, c.relname, c.relkind from pg_class c join steps s on c.relowner = s.relowner
  where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'S') and c.relname <> 'schema_migration'
    and not exists (select 1 from pg_depend d where d.objid = c.oid and c.relkind = 'S' and d.deptype = 'i')
), lacking as (
  select relname, lower(needed) as needed from relation cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as needed
  where case relkind when 'r' then not has_table_privilege(oid, needed) else false end
  union all
  select relname, 'usage' from relation where case relkind when 'S' then not has_sequence_privilege(oid, 'USAGE') else false end
)
select (select pg_get_userbyid(relowner) from steps) as owner,
       coalesce((select pg_has_role(current_user, relowner, 'MEMBER') from steps), false) as "isOwner",
       coalesce((select has_table_privilege(oid, 'SELECT') from steps), true) as "mayReadSteps",
       (select count(*)::integer from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r') as tables,
       array(select needed || ' on ' || relname from lacking order by relname, needed) as lacking`;

async function readRights(on: Queryable): Promise<Rights> {
  return onlyRow(await on.query<Rights>(RIGHTS));
}

const SHOWN = 3;

function judgeRights({ isOwner, owner, lacking }: Rights, facts: ServerFacts): Finding[] {
  const about = 'ledger rights';
  if (lacking.length > 0) {
    const more = lacking.length > SHOWN ? ` and ${lacking.length - SHOWN} more` : '';
    const what = `the role ${facts.role} lacks ${lacking.slice(0, SHOWN).join(', ')}${more}`;
    return [fault(about, what, grantCure(facts))];
  }
  if (!facts.mayUseTemporary) {
    const what = `the role ${facts.role} may make no temporary tables, which \`plan\` needs`;
    return [doubt(about, what, `grant temporary on database ${facts.database} to ${facts.role}`)];
  }
  return [
    fine(
      about,
      isOwner ? 'the role owns the ledger' : `all a run needs; the ledger’s owner is ${owner ?? '?'}`,
    ),
  ];
}

function grantCure({ role }: ServerFacts): string {
  return `as the owner of the ledger: kona-enroll migrate --runner ${role}`;
}
