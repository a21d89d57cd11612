/** What a report can be written in. */
export const languages = ['ko', 'en'] as const;
export type Language = (typeof languages)[number];
