/**
 * Returns the address of a file or folder of the package that is not code, such as `package.json` or `migrations/`.
 * It stands two folders above this file in the sources, and two above every file of the built program
 * (tools/build-program.ts).
 */
export function packageFile(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}
