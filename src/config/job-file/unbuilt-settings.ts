interface UnbuiltSetting {
  readonly path: readonly string[];
  /** Values that ask for nothing unbuilt. */
  readonly built: readonly unknown[];
}

/** Settings whose behaviour comes later: refused where given, so that nobody relies on what does not happen. */
const unbuiltSettings: readonly UnbuiltSetting[] = [{ path: ['schedule'], built: [] }];

export interface UnbuiltProblem {
  readonly path: readonly string[];
  /** Names the key. */
  readonly sentence: string;
}

/** `given` is the job file as written: a default that is not built yet asks for nothing. */
export function findUnbuiltSettings(given: unknown): readonly UnbuiltProblem[] {
  return unbuiltSettings.flatMap(({ path, built }): readonly UnbuiltProblem[] => {
    const value = valueAt(given, path);
    return value === undefined || built.includes(value)
      ? []
      : [{ path, sentence: `${path.join('.')} ${unbuiltSentence(built)}` }];
  });
}

function unbuiltSentence(built: readonly unknown[]): string {
  if (built.length === 0) return 'is not built yet; remove it from the job file';
  return `is not built yet for this value; remove it from the job file or write ${built.join(' or ')}`;
}

function valueAt(tree: unknown, path: readonly string[]): unknown {
  let value = tree;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
