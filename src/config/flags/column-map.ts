import { z } from 'zod';
import { text } from '../job-file/setting-schemas.ts';

/** Checks `--map`: each value is `header=field`, where field is userId, user_id or par. */
export function columnMap() {
  return z
    .array(text('header=field', /=/), { error: 'expected header=field' })
    .default([])
    .transform((entries, context) => {
      const headers: Record<'userId' | 'par', string[]> = { userId: [], par: [] };
      for (const entry of entries) {
        const split = entry.lastIndexOf('=');
        const field = fieldOf(entry.slice(split + 1).trim());
        const header = entry.slice(0, split).trim();
        if (field === null || header === '') return refuse(context, 'expected header=userId or header=par');
        headers[field].push(header);
      }
      const [userId = null, ...moreUserIds] = headers.userId;
      const [par = null, ...morePars] = headers.par;
      if (moreUserIds.length + morePars.length > 0) return refuse(context, 'two headers for one field');
      if (userId !== null && userId === par) return refuse(context, 'one header for two fields');
      return { userId, par };
    });
}

function refuse(context: z.RefinementCtx, sentence: string): never {
  context.addIssue(sentence);
  return z.NEVER;
}

function fieldOf(word: string): 'userId' | 'par' | null {
  if (word === 'userId' || word === 'user_id') return 'userId';
  return word === 'par' ? 'par' : null;
}
