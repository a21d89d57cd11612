import type { z } from 'zod';
import { maskIdsInText } from '../../domain/identity/masking.ts';

export interface SchemaProblem {
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
  /** Set where a key is unknown: the key itself, a child of `path`. */
  readonly unknownKey: string | null;
}

/** One problem an issue, one for each unknown key; of a union the branch that was meant. Never shows a value. */
export function schemaProblems(issues: readonly z.core.$ZodIssue[]): readonly SchemaProblem[] {
  return issues.flatMap((issue): readonly SchemaProblem[] => {
    const { path } = issue;
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((unknownKey) => ({ path, unknownKey, sentence: 'unknown key' }));
      case 'invalid_union': {
        const branch = meantBranch(issue);
        if (branch !== undefined) return inside(path, branch);
        return [{ path, unknownKey: null, sentence: issue.message }];
      }
      case 'invalid_key':
        return inside(path, issue.issues);
      case 'custom':
      case 'invalid_element':
      case 'invalid_format':
      case 'invalid_type':
      case 'invalid_value':
      case 'not_multiple_of':
      case 'too_big':
      case 'too_small':
        return [{ path, unknownKey: null, sentence: sentenceOf(issue) }];
    }
  });
}

/** Fit to be shown: a key may be an id that stands in the wrong place. */
export function formatPath(path: readonly PropertyKey[]): string {
  return maskIdsInText(path.map(String).join('.'));
}

/** The branch of which the value has the shape, so that its complaints say what is wrong; none where no shape fits. */
function meantBranch(issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | undefined {
  const isAboutShape = ({ code, path }: z.core.$ZodIssue): boolean =>
    path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
  return issue.errors.find((branch) => !branch.some(isAboutShape));
}

function inside(path: readonly PropertyKey[], issues: readonly z.core.$ZodIssue[]): readonly SchemaProblem[] {
  return schemaProblems(issues).map((problem) => ({
    sentence: problem.sentence,
    unknownKey: problem.unknownKey,
    path: [...path, ...problem.path],
  }));
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input')) return issue.message;
  return `expected ${issue.expected === 'object' || issue.expected === 'record' ? 'keys and values' : issue.expected}`;
}
