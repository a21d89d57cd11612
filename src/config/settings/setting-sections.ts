import { z } from 'zod';
import {
  columnSettings,
  damageSettings,
  postgresSettings,
  readingSettings,
  sourceSettings,
} from './list-setting-table.ts';
import { notifySettings } from './notify-setting-table.ts';
import { providerSettings } from './provider-setting-table.ts';
import {
  deskSettings,
  guardSettings,
  jobSettings,
  metricSettings,
  startSettings,
  limitSettings,
  nightSettings,
  reportSettings,
  retrySettings,
  verifySettings,
  windowSettings,
} from './setting-table.ts';
import type { Section, Setting } from './setting.ts';

const { job, outcomes } = jobSettings;

/** Every section with its key in the job file, in the order of the docs. */
const sections: readonly (readonly [string, Section])[] = [
  ['', { job }],
  ['list', { ...sourceSettings }],
  ['list.postgres', postgresSettings],
  ['list', readingSettings],
  ['list.columns', columnSettings],
  ['list', damageSettings],
  ['provider', providerSettings],
  ['limits', limitSettings],
  ['retry', retrySettings],
  ['verify', verifySettings],
  ['windows', { ...nightSettings, ...windowSettings }],
  ['guards', guardSettings],
  ['', { outcomes }],
  ['report', reportSettings],
  ['notify', notifySettings],
  ['metrics', metricSettings],
  ['', startSettings],
  ['desk', deskSettings],
];

/** Every setting by its path in the job file. */
export const settingPaths: readonly (readonly [string, Setting])[] = sections.flatMap(([above, section]) =>
  Object.entries(section).map(([key, one]) => [above === '' ? key : `${above}.${key}`, one] as const),
);

interface JsonForm {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Returns the allowed values, where they are a list of words or a range; else empty. */
export function valuesOf({ written }: Setting): string {
  const form = z.toJSONSchema(written, { io: 'input' }) as JsonForm;
  if (form.enum !== undefined) return form.enum.join(', ');
  if (form.type === 'integer') return `${form.minimum} to ${form.maximum}`;
  return form.type === 'boolean' ? 'true, false' : '';
}
