import { maskId, maskKnownIds } from './masking.ts';

/** How an id is shown, and a text that may repeat one. */
export interface IdForm {
  readonly id: (id: string) => string;
  readonly text: (text: string, ids: readonly string[]) => string;
}

export const maskedForm: IdForm = { id: maskId, text: maskKnownIds };
export const wholeForm: IdForm = { id: (id) => id, text: (text) => text };
