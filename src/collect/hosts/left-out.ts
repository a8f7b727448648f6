/*
 * What of the state directory takes no part in its digest: the product regenerates it or installs it anew, so that it is
 * never to be backed up, and a copy that lacks it is whole. The one list; docs/configuration.md repeats it in words.
 */

/** Directories that are left out with all below them, by name at any depth, in lower case. */
const DIRECTORIES: ReadonlySet<string> = new Set([
  '.next',
  '.cache',
  'cache',
  'caches',
  'log',
  'logs',
  'tmp',
  'bin',
  'node_modules',
  'lost+found',
]);

/** Files that are left out: logs and their rotations, binaries and packages, and what only a running process needs. */
const FILES =
  /\.(?:log|pid|sock|lock|tmp|swp|exe|dll|so|dylib|node|deb|rpm|msi|appimage)$|\.log[.-][^/]*$|\.so\.[\d.]+$/i;

/** Files that setup writes and removes when it is done. Their presence alone is noticed. */
const SETUP =
  /(?:^|[._-])setup(?:[._-].*)?(?:token|secret|code|key|password|credential)|(?:token|secret|code)[._-]?setup/i;

/** @param name of a directory, without its path */
export function isLeftOutDirectory(name: string): boolean {
  return DIRECTORIES.has(name.toLowerCase());
}

/** @param name of a file, without its path */
export function isLeftOutFile(name: string): boolean {
  return FILES.test(name);
}

/** Whether a path below the state directory is left out, by itself or with a directory that it lies in. */
export function isLeftOut(path: string): boolean {
  const segments = path.split('/');
  const name = segments.pop() ?? '';
  return segments.some(isLeftOutDirectory) || isLeftOutFile(name);
}

/** Whether a file looks like a secret of a setup that is not finished. */
export function isSetupSecret(name: string): boolean {
  return SETUP.test(name);
}
