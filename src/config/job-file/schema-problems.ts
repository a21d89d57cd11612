import type { z } from 'zod';
import { maskIdsInText } from '../../domain/identity/masking.ts';

export interface SchemaProblem {
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
  /** Set where a key is unknown: that key, below `path`. */
  readonly unknownKey: string | null;
}

/**
 * Returns one problem per issue, and one for each unknown key. For a union it reports the branch that was meant.
 * Never shows a value.
 */
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

/** Formats a path for messages, masked, because a key may be an id in the wrong place. */
export function formatPath(path: readonly PropertyKey[]): string {
  return maskIdsInText(path.map(String).join('.'));
}

/** Returns the branch whose shape the value has, so that its issues say what is wrong; undefined where none fits. */
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
