import type { ByteReader } from '../trees/artifact-tree.ts';
import { CompressedDamage } from './compressed-damage.ts';
import { UnsupportedCompression } from './compression/wrapping.ts';
import { wrappingOf } from './compression/wrappings.ts';
import { FormatDamage } from './format-damage.ts';
import { UnreadTar, walkTarEntries } from './tar-entries.ts';

/** What a package says of itself, in the fields of its control file (deb-control(5)). */
export interface PackageControl {
  readonly package: string;
  readonly version: string;
  readonly architecture: string;
}

/** What a file named as a Debian package is found to be. */
export interface DebianPackage {
  /** Why it is no whole package, a sentence part such as `it is cut off`; null where nothing shows that. */
  readonly damage: string | null;
  /** Null where it is damaged, or its control file lies in a form that is not opened here. */
  readonly control: PackageControl | null;
}

const MAGIC = '!<arch>\n';
const HEADER = 60;
/** Control members hold a few small files; a larger one is not opened. */
const LARGEST_CONTROL = 16 * 1024 * 1024;
const LARGEST_UNPACKED = 64 * 1024 * 1024;
const LONGEST_CONTROL_FILE = 256 * 1024;
/** A package has three members, and some have a signature beside them. */
const MOST_MEMBERS = 100;

interface Member {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
}

/**
 * A Debian package by deb(5): an ar archive of `debian-binary`, `control.tar` and `data.tar`, whole by the lengths that it
 * states, and the control file in it. What is in `data.tar` is not read.
 *
 * @throws SourceError when bytes cannot be read
 */
export async function readDebianPackage(reader: ByteReader): Promise<DebianPackage> {
  try {
    const members = await membersOf(reader);
    if (members[0]?.name !== 'debian-binary') throw new FormatDamage('its first member is not debian-binary');
    const control = members.find(({ name }) => name.startsWith('control.tar'));
    if (control === undefined) throw new FormatDamage('it has no control member');
    if (!members.some(({ name }) => name.startsWith('data.tar'))) throw new FormatDamage('it has no data member');
    return { damage: null, control: await controlIn(reader, control) };
  } catch (error) {
    if (error instanceof UnsupportedCompression || error instanceof UnreadTar) return { damage: null, control: null };
    if (error instanceof FormatDamage || error instanceof CompressedDamage) {
      return { damage: error.message, control: null };
    }
    throw error;
  }
}

/** deb(5): `name`, time, owner, group, mode, size in decimal, and two bytes that end the header; content at even places. */
async function membersOf(reader: ByteReader): Promise<readonly Member[]> {
  const beginning = Buffer.from(await reader.read(0, MAGIC.length)).toString('latin1');
  if (beginning !== MAGIC) throw new FormatDamage('it does not begin as an ar archive does');
  const members: Member[] = [];
  for (let at = MAGIC.length; at < reader.bytes; ) {
    const header = Buffer.from(await reader.read(at, HEADER)).toString('latin1');
    if (header.length < HEADER) throw new FormatDamage('it is cut off');
    const size = /^(\d+) *$/.exec(header.slice(48, 58))?.[1];
    if (size === undefined || header.slice(58) !== '`\n') {
      throw new FormatDamage('the header of one of its members is damaged');
    }
    const member = { name: header.slice(0, 16).trimEnd().replace(/\/$/, ''), at: at + HEADER, bytes: Number(size) };
    if (member.at + member.bytes > reader.bytes) throw new FormatDamage('it is cut off');
    if (members.push(member) > MOST_MEMBERS) throw new FormatDamage('it has more members than any package');
    at = member.at + member.bytes + (member.bytes % 2);
  }
  return members;
}

async function controlIn(reader: ByteReader, { name, at, bytes }: Member): Promise<PackageControl> {
  if (bytes > LARGEST_CONTROL) throw new UnsupportedCompression('its control member is too large to be opened');
  const packed = await reader.read(at, bytes);
  const wrapping = wrappingOf(packed);
  if (wrapping === null && name !== 'control.tar') {
    throw new UnsupportedCompression('its control member is compressed in a form that is not opened here');
  }
  const whole = onlyChunk(packed);
  let text: string | null = null;
  await walkTarEntries(
    { chunks: wrapping === null ? whole : bounded(wrapping.open(whole)) },
    async (entry, content) => {
      if (entry.path !== 'control' || !entry.isFile) return;
      text = Buffer.from(await content.take(LONGEST_CONTROL_FILE)).toString('utf8');
    },
  );
  const control = text === null ? null : fieldsOf(text);
  if (control === null) throw new FormatDamage('its control file does not name package, version and architecture');
  return control;
}

async function* onlyChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

async function* bounded(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > LARGEST_UNPACKED) throw new UnsupportedCompression('its control member is too large to be opened');
    yield piece;
  }
}

/** Values that are no plain words are none: they are shown in a report. Field names are not case-sensitive (deb822(5)). */
function fieldsOf(text: string): PackageControl | null {
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*([\\w.+:~-]{1,128})[ \\t\\r]*$`, 'im').exec(text)?.[1];
  const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')];
  if (name === undefined || version === undefined || architecture === undefined) return null;
  return { package: name, version, architecture };
}
