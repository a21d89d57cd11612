import { secretNames } from '../environment-table.ts';
import { refused, valid, type Checked } from '../checked.ts';
import { placeOf, secretOf, variableOf, type Environment, type Variables } from '../environment.ts';
import { proxyVariables } from '../provider/proxy-configuration.ts';

export interface SubstitutionProblem {
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
}

const VARIABLE = /^\$([A-Za-z_][A-Za-z0-9_]*)$/;

/**
 * Replaces every text that is exactly `$NAME` by that variable's value, and reports each variable that is not set.
 * Keys are left alone. The provider's own secrets are refused, because settings are kept and shown, and secrets never
 * are.
 */
export function substituteVariables(
  value: unknown,
  environment: Environment,
  problems: SubstitutionProblem[],
  path: readonly PropertyKey[] = [],
): unknown {
  if (typeof value === 'string') return substituteText(value, environment, problems, path);
  if (Array.isArray(value)) {
    return value.map((item, index) => substituteVariables(item, environment, problems, [...path, index]));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      substituteVariables(item, environment, problems, [...path, key]),
    ]),
  );
}

/**
 * Adds the value of every variable that `value` names and that is given as NAME_FILE, the path of a file that holds
 * it, such as the URL of a source database with its password. Messages name the variable's place in the environment.
 */
export async function withVariableFiles(
  value: unknown,
  environment: Environment,
): Promise<Checked<Environment>> {
  const read: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of new Set(variablesIn(value))) {
    // A variable that is set needs no file, and one that is a secret does not belong in a job file.
    const layer = environment.layers.find(
      (one) => one[name] !== undefined || one[`${name}_FILE`] !== undefined,
    );
    if (layer === undefined || layer[name] !== undefined || isSecretName(name)) continue;
    const found = await secretOf(environment, name);
    if (found.kind === 'refused') problems.push(...found.problems);
    else if (found.value !== null) read[name] = found.value;
  }
  const layers: readonly Variables[] = [read, ...environment.layers];
  return problems.length > 0 ? refused(...problems) : valid({ ...environment, layers });
}

function variablesIn(value: unknown): string[] {
  if (typeof value === 'string') return VARIABLE.exec(value)?.slice(1) ?? [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(variablesIn);
}

function isSecretName(name: string): boolean {
  return [...secretNames, ...proxyVariables].includes(name);
}

/** Names the place a setting's value comes from, for messages: `where`, or the variable that the text there names. */
export function sourceOfValue(text: string, where: string, environment: Environment): string {
  const name = VARIABLE.exec(text)?.[1];
  return name === undefined ? where : `${placeOf(environment, name)}, which ${where} names`;
}

function substituteText(
  text: string,
  environment: Environment,
  problems: SubstitutionProblem[],
  path: readonly PropertyKey[],
): string {
  const name = VARIABLE.exec(text)?.[1];
  if (name === undefined) return text;
  if (isSecretName(name)) {
    problems.push({
      path,
      sentence: `${name} is a secret that the program reads from the environment; remove it from the job file`,
    });
    return text;
  }
  const value = variableOf(environment, name);
  if (value === null) problems.push({ path, sentence: `the environment variable ${name} is not set` });
  return value ?? text;
}
