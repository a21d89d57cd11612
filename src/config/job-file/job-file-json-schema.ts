import { z } from 'zod';
import { jobFileSchema } from './job-file-schema.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Any text of a job file may instead be `$NAME`, which is taken from the environment. */
const OR_VARIABLE = '|^\\$[A-Za-z_][A-Za-z0-9_]*$';

/**
 * Returns the JSON Schema of the job file as people write it, for editors; published as docs/job-file.schema.json.
 */
export function jobFileJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(jobFileSchema, {
    io: 'input',
    override: ({ jsonSchema, path }) => {
      const isKey = path.at(-1) === 'propertyNames';
      const { pattern } = jsonSchema;
      if (pattern === undefined || isKey || pattern.endsWith(OR_VARIABLE)) return;
      jsonSchema.pattern = pattern + OR_VARIABLE;
    },
  });
  return { ...schema, title: 'kona-enroll job file' };
}

/** Returns the keys that the schema knows at a path, in the schema's order. */
export function knownKeysAt(path: readonly PropertyKey[]): readonly string[] {
  let places: readonly unknown[] = [jobFileJsonSchema()];
  for (const key of path)
    places = places.flatMap(alternatives).map((place) => child(child(place, 'properties'), key));
  return places.flatMap(alternatives).flatMap((place) => Object.keys(child(place, 'properties') ?? {}));
}

function alternatives(place: unknown): readonly unknown[] {
  const anyOf = child(place, 'anyOf');
  return Array.isArray(anyOf) ? anyOf : [place];
}

function child(place: unknown, key: PropertyKey): object | undefined {
  if (typeof place !== 'object' || place === null) return undefined;
  const value: unknown = Reflect.get(place, key);
  return typeof value === 'object' && value !== null ? value : undefined;
}
