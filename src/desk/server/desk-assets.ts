import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { packageFile } from '../../config/package-files.ts';
import { STYLE } from '../../report/html/style.ts';

/** A file that pages load. Its address changes with its content, so that a browser may cache it. */
export interface Asset {
  readonly address: string;
  readonly type: string;
  readonly content: string;
}

export interface DeskAssets {
  readonly style: Asset;
  readonly script: Asset;
  readonly icon: Asset;
}

/** Reads the script, the style and the icon of the desk. The style is that of report.html, followed by the desk's own. */
export function readDeskAssets(): DeskAssets {
  const read = (name: string): string => readFileSync(packageFile(`src/desk/web/${name}`), 'utf8');
  return {
    style: assetOf('desk.css', 'text/css; charset=utf-8', STYLE + read('desk.css')),
    script: assetOf('desk.js', 'text/javascript; charset=utf-8', read('desk.js')),
    icon: assetOf('desk.svg', 'image/svg+xml', read('desk.svg')),
  };
}

function assetOf(name: string, type: string, content: string): Asset {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return { address: `/assets/${hash}/${name}`, type, content };
}
