import { createHash } from 'node:crypto';
import type { Facts } from '../../model/facts.ts';
import { readDebianPackage } from '../formats/debian-package.ts';
import type { ArtifactFile, ArtifactTree, ByteReader } from '../trees/artifact-tree.ts';

type Package = Facts['installer-package'];

/** Largest text of checksums beside packages, in bytes. */
const LARGEST_LIST = 256 * 1024;
/** Packages of one version that are read: one for each kind and profile, and a few more. */
const MOST_READ = 20;

/** What each kind of package ends with. A Docker image lies there as `docker save` wrote it. */
const ENDINGS: readonly (readonly [Package['kind'], RegExp])[] = [
  ['deb', /\.deb$/i],
  ['msi', /\.msi$/i],
  ['docker', /\.(?:tar|tar\.gz|tgz|tar\.zst|tar\.xz|oci)$/i],
];

/**
 * The installer packages of one version in a location, by their names. Each is read for its SHA-256, and held against a
 * checksum that lies beside it (`NAME.sha256`, `SHA256SUMS`). Of a Debian package the control file is read as well.
 *
 * @param version of the product that runs; null: not known, so that no package can be told to be of it
 * @throws SourceError where the location cannot be listed, or a package cannot be read
 */
export async function readInstallers(
  location: string,
  tree: ArtifactTree,
  version: string | null,
  signal: AbortSignal,
): Promise<Package[]> {
  if (version === null) return [];
  const files: ArtifactFile[] = [];
  const sums: ArtifactFile[] = [];
  for await (const file of tree.list(signal)) {
    if (/(?:\.sha256(?:sums?)?|(?:^|\/)sha256sums?(?:\.txt)?)$/i.test(file.path)) sums.push(file);
    else if (kindOf(file.path) !== null && versionOf(file.path, version)) files.push(file);
  }
  const newestFirst = files.sort((a, b) => b.modifiedAt.localeCompare(a.modifiedAt) || (a.path < b.path ? -1 : 1));
  const checksums = newestFirst.length === 0 ? NO_CHECKSUMS : await checksumsIn(tree, sums, signal);
  const packages: Package[] = [];
  for (const [index, file] of newestFirst.entries()) {
    const kind = kindOf(file.path) ?? 'docker';
    const read = index < MOST_READ ? await readPackage(tree, file, kind, signal) : { sha256: null, formatAgrees: null };
    const stated = checksums.stated.get(file.path);
    const other = stated === undefined ? checksums.ofOthers.get(file.path) : undefined;
    packages.push({
      location,
      path: file.path,
      bytes: file.bytes,
      modifiedAt: file.modifiedAt,
      version,
      profile: profileOf(file.path),
      kind,
      ...read,
      checksumAgrees: stated === undefined || read.sha256 === null ? null : stated === read.sha256,
      ...(other === undefined ? {} : { checksumOfOther: other }),
    });
  }
  return packages;
}

function kindOf(path: string): Package['kind'] | null {
  return ENDINGS.find(([, ending]) => ending.test(path))?.[0] ?? null;
}

/** Whether a name holds the version as a whole: 4.2.1 is neither in 4.2.10 nor in 14.2.1. */
export function versionOf(path: string, version: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const literal = version.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  // Ends of Debian revisions and of file names may follow, another digit or part of a version may not.
  return new RegExp(`(?:^|[^\\d.])${literal}(?![\\d]|\\.\\d|[-~+]?(?:rc|beta|alpha|preview))`, 'i').test(name);
}

/** Build profiles are part of a package's name; one that is not named is the default. */
function profileOf(path: string): string {
  return /no[-_]?training/i.test(path.slice(path.lastIndexOf('/') + 1)) ? 'no-training' : 'default';
}

async function readPackage(
  tree: ArtifactTree,
  file: ArtifactFile,
  kind: Package['kind'],
  signal: AbortSignal,
): Promise<Pick<Package, 'sha256' | 'formatAgrees' | 'damage' | 'control'>> {
  const reader = await tree.open(file.path, signal);
  try {
    const sum = createHash('sha256');
    let beginning = Buffer.alloc(0);
    for await (const chunk of reader.stream()) {
      signal.throwIfAborted();
      if (beginning.length < BEGINNING) beginning = Buffer.concat([beginning, chunk.subarray(0, BEGINNING)]);
      sum.update(chunk);
    }
    const formatAgrees = beginsLike(kind, beginning);
    const inside = kind === 'deb' && formatAgrees ? await readDebianPackage(reader) : {};
    return { sha256: sum.digest('hex'), formatAgrees, ...inside };
  } finally {
    await reader.close();
  }
}

const BEGINNING = 512;

/**
 * First bytes: deb(5) is an ar archive; an MSI a compound file ([MS-CFB] 2.2); a saved image a tar archive (POSIX pax:
 * `ustar` at 257), or what gzip (RFC 1952), Zstandard (RFC 8878) or xz made of one.
 */
function beginsLike(kind: Package['kind'], bytes: Buffer): boolean {
  const begins = (...first: readonly number[]) => first.every((byte, at) => bytes[at] === byte);
  if (kind === 'deb') return bytes.toString('latin1', 0, 8) === '!<arch>\n';
  if (kind === 'msi') return begins(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1);
  const isWrapped = begins(0x1f, 0x8b) || begins(0x28, 0xb5, 0x2f, 0xfd) || begins(0xfd, 0x37, 0x7a, 0x58, 0x5a);
  return isWrapped || bytes.toString('latin1', 257, 262) === 'ustar';
}

/** Both by the path of the package. */
interface Checksums {
  readonly stated: ReadonlyMap<string, string>;
  /** Of a package whose name a checksum file bears: the file that it is about. */
  readonly ofOthers: ReadonlyMap<string, string>;
}

const NO_CHECKSUMS: Checksums = { stated: new Map(), ofOthers: new Map() };

async function checksumsIn(
  tree: ArtifactTree,
  files: readonly ArtifactFile[],
  signal: AbortSignal,
): Promise<Checksums> {
  const stated = new Map<string, string>();
  const ofOthers = new Map<string, string>();
  for (const file of files.filter(({ bytes }) => bytes <= LARGEST_LIST)) {
    const reader = await tree.open(file.path, signal);
    const text = await textOf(reader, file.bytes).finally(() => reader.close());
    const above = file.path.slice(0, file.path.lastIndexOf('/') + 1);
    for (const line of text.split('\n')) {
      // As sha256sum(1) writes it; a file of one sum alone is of the package whose name it bears.
      const match = /^([0-9a-fA-F]{64})(?: [ *](.+))?$/.exec(line.trim());
      if (match?.[1] === undefined) continue;
      const bearer = file.path.replace(/\.sha256$/i, '');
      const path = match[2] === undefined ? bearer : above + baseName(match[2]);
      stated.set(path, match[1].toLowerCase());
      if (bearer !== file.path && path !== bearer) ofOthers.set(bearer, baseName(path));
    }
  }
  return { stated, ofOthers };
}

async function textOf(reader: ByteReader, bytes: number): Promise<string> {
  return Buffer.from(await reader.read(0, bytes)).toString('utf8');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
