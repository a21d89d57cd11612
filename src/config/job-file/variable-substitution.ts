import { secretNames } from '../environment-table.ts';
import { variableOf, variablePlaceOf, type Environment } from '../environment.ts';
import { proxyVariables } from '../provider/proxy-configuration.ts';

export interface SubstitutionProblem {
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
}

const VARIABLE = /^\$([A-Za-z_][A-Za-z0-9_]*)$/;

/**
 * Replaces every text that is `$NAME` as a whole by that variable's value, and reports each that is not set.
 * Keys are left alone. The provider's own secrets are refused: settings are kept and shown, secrets never.
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

/** Where a setting's value comes from, as people are told: `where`, or the variable that the text there names. */
export function sourceOfValue(text: string, where: string, environment: Environment): string {
  const name = VARIABLE.exec(text)?.[1];
  return name === undefined ? where : `${variablePlaceOf(environment, name)}, which ${where} names`;
}

function substituteText(
  text: string,
  environment: Environment,
  problems: SubstitutionProblem[],
  path: readonly PropertyKey[],
): string {
  const name = VARIABLE.exec(text)?.[1];
  if (name === undefined) return text;
  if ([...secretNames, ...proxyVariables].includes(name)) {
    problems.push({
      path,
      sentence: `${name} is a secret and read by itself; it has no place in a job file`,
    });
    return text;
  }
  const value = variableOf(environment, name);
  if (value === null) problems.push({ path, sentence: `the environment variable ${name} is not set` });
  return value ?? text;
}
