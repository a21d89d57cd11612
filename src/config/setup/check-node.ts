import { fault, fine, type Finding } from '../../domain/setup/finding.ts';

/** Checks this Node's `version`, such as 24.1.0, against package.json's `range`, such as >=22.19. */
export function checkNode(version: string, range: string): Finding {
  const needed = /^>=(?<major>\d+)\.(?<minor>\d+)$/.exec(range)?.groups;
  if (needed === undefined) throw new Error('The range of Node versions in package.json has another form.');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor, neededMinor] = [Number(needed['major']), Number(needed['minor'])];
  const name = `${needed['major']}.${needed['minor']}`;
  if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
    return fault('Node', `this is ${version}, and ${name} or newer is needed`, 'install Node 24');
  }
  return fine('Node', `${version} (${name} or newer is needed)`);
}
