import type { ByteCursor, PieceVisitor } from '../byte-cursor.ts';
import { archiveFacts, entryLabel, unknownVersion } from './archive-facts.ts';
import { assertDirectoryOrTar, readArchiveHeader } from './archive-header.ts';
import { readTableOfContents, type TableOfContents, type TocEntry } from './archive-toc.ts';
import { firstRowVisitor } from './copied-columns.ts';
import { assertCopyEnd, COPY_END_LENGTH } from './data-file.ts';
import { DumpDamage, type DumpIntegrity } from './dump-reading.ts';
import { asFarAsKnown } from './known-archive.ts';
import { type LargeObjectList, largeObjectLists, parseLargeObjectList } from './large-objects.ts';
import { endsInTrailer } from './plain-trailer.ts';
import type { Progress } from './progress.ts';
import { ROW_SECURITY_ON, ROWS_FILTERED } from './row-security.ts';
import { readTarEnd, readTarHeader, type TarMember } from './tar-member.ts';
import { within } from './within.ts';
import { textVisitor } from './zero-bytes.ts';

const SCRIPT = 'restore.sql';
const SCRIPT_TAIL = 4096;
/** Settings come first in the script, and end with the first thing that it makes. */
const SCRIPT_HEAD = 4096;
const LARGEST_LIST = 64 * 1024 * 1024;

/**
 * Reads the first member of a tar archive, `toc.dat`, then what `rest` makes of the others, at whose header the cursor
 * then stands. @throws DumpDamage
 */
export async function readTarContents(
  cursor: ByteCursor,
  progress: Progress,
  rest: (toc: TableOfContents) => Promise<DumpIntegrity>,
): Promise<DumpIntegrity> {
  const first = await within('inside its first member', () => readTarHeader(cursor));
  if (first?.name !== 'toc.dat') throw new DumpDamage('its first member is not toc.dat');
  const header = await readArchiveHeader(cursor);
  progress.facts = archiveFacts('pg_dump-tar', header, null);
  assertDirectoryOrTar(header);
  if (header.compression !== 'none')
    throw new DumpDamage('its header states a compression, and a tar archive has none');
  const toc = await readTableOfContents(cursor, header);
  if (toc === null) return unknownVersion(header);
  progress.facts = archiveFacts('pg_dump-tar', header, toc);
  if (cursor.position() !== first.end) throw new DumpDamage('its table of contents does not fill the member toc.dat');
  await within('right after its table of contents', () => cursor.skip(first.padding));
  return asFarAsKnown(header, toc, await rest(toc));
}

/**
 * Follows the other members (PostgreSQL source, pg_backup_tar.c): one, uncompressed, for each entry with data,
 * `restore.sql` and two blocks of zeros. Complete when all are there, rows end in their mark and the script in its
 * trailer; other content is left out, but for the rows' text where `look`. @throws DumpDamage
 */
export async function readTarMembers(cursor: ByteCursor, toc: TableOfContents, look: boolean): Promise<DumpIntegrity> {
  const { rowSecurityOn } = await followMembers(cursor, toc, look);
  if (rowSecurityOn && toc.entries.some(({ description }) => description === 'ROW SECURITY')) return ROWS_FILTERED;
  return {
    state: 'complete',
    because: 'every member that its table of contents calls for is there and ends properly, and so does the archive',
  };
}

async function followMembers(
  cursor: ByteCursor,
  toc: TableOfContents,
  look: boolean,
): Promise<{ readonly rowSecurityOn: boolean }> {
  const data = new Map<string, TocEntry>();
  for (const entry of toc.entries) {
    if (entry.mustHaveData && entry.description !== 'BLOBS' && entry.fileName !== null) data.set(entry.fileName, entry);
  }
  const lists = new Map(largeObjectLists(toc).map((list) => [list.name, list]));
  const required = new Set([...data.keys(), ...lists.keys(), SCRIPT]);
  const present = new Set<string>();
  let rowSecurityOn = false;
  for (;;) {
    const member = await within('between two members, before the end of the archive', () => readTarHeader(cursor));
    if (member === null) break;
    const entry = data.get(member.name);
    const label = entry === undefined ? `the member ${member.name}` : `the data of ${entryLabel(entry)}`;
    const list = lists.get(member.name);
    const isText = look && (entry?.copied === true || member.name === SCRIPT);
    const columns = entry?.columns ?? null;
    const firstRow = isText && columns !== null ? firstRowVisitor(columns) : null;
    const ends = { kept: keptBytes(member, entry, list), isText, firstRow };
    const text = await inMember(label, () => readEnds(cursor, member, ends));
    checkEnd(member, entry, label, text.end);
    rowSecurityOn ||= member.name === SCRIPT && text.head.includes(`\n${ROW_SECURITY_ON};\n`);
    if (list !== undefined) for (const name of parseLargeObjectList(list, text.end)) required.add(name);
    present.add(member.name);
  }
  const absent = [...required].find((name) => !present.has(name));
  if (absent !== undefined) {
    const entry = data.get(absent);
    throw new DumpDamage(
      `the member ${absent}${entry === undefined ? '' : ` with the data of ${entryLabel(entry)}`} is missing`,
    );
  }
  await within('inside the end of the archive', () => readTarEnd(cursor));
  return { rowSecurityOn };
}

interface MemberText {
  /** The settings of the script; of other members nothing. */
  readonly head: string;
  readonly end: string;
}

/** What is looked at of a member. */
interface Wanted {
  readonly kept: number;
  readonly isText: boolean;
  readonly firstRow: ((piece: Uint8Array) => void) | null;
}

/** The last `kept` bytes of a member and how the script begins, as Latin-1 text. @throws InputEnds */
async function readEnds(
  cursor: ByteCursor,
  member: TarMember,
  { kept, isText, firstRow }: Wanted,
): Promise<MemberText> {
  const visitor = isText ? rowVisitor(cursor.position(), firstRow) : null;
  const first = member.name === SCRIPT ? Math.min(SCRIPT_HEAD, member.size - kept) : 0;
  const head = Buffer.from(cursor.tryTake(first) ?? (await cursor.take(first)));
  await visitor?.(head);
  if (visitor === null) await cursor.skip(member.size - kept - first);
  else await cursor.visit(member.size - kept - first, visitor);
  const end = Buffer.from(cursor.tryTake(kept) ?? (await cursor.take(kept)));
  await visitor?.(end);
  await cursor.skip(member.padding);
  const settings =
    member.name === SCRIPT ? (Buffer.concat([head, end]).toString('latin1').split('\nCREATE ')[0] ?? '') : '';
  return { head: settings, end: end.toString('latin1') };
}

function rowVisitor(at: number, firstRow: Wanted['firstRow']): PieceVisitor {
  const text = textVisitor(at);
  return (piece) => {
    firstRow?.(piece);
    return text(piece);
  };
}

/** Runs a step that reads a member and names that in what is found damaged. @throws DumpDamage */
async function inMember<T>(label: string, step: () => Promise<T>): Promise<T> {
  try {
    return await within(`inside ${label}`, step);
  } catch (error) {
    if (!(error instanceof DumpDamage) || error.cause !== undefined) throw error;
    throw new DumpDamage(`in ${label}: ${error.message}`, { cause: error });
  }
}

function checkEnd(member: TarMember, entry: TocEntry | undefined, label: string, text: string): void {
  if (member.name === SCRIPT && !endsInTrailer(text, 'database')) {
    throw new DumpDamage(`its ${SCRIPT} has no trailer: pg_dump did not reach its end`);
  }
  if (entry?.copied !== true) return;
  try {
    assertCopyEnd(text);
  } catch (error) {
    if (!(error instanceof DumpDamage)) throw error;
    throw new DumpDamage(`in ${label} ${error.message}`, { cause: error });
  }
}

/** How much of a member's end is looked at. */
function keptBytes(member: TarMember, entry: TocEntry | undefined, list: LargeObjectList | undefined): number {
  if (list !== undefined) {
    if (member.size > LARGEST_LIST) throw new DumpDamage(`${member.name} is larger than any list of large objects`);
    return member.size;
  }
  if (member.name === SCRIPT) return Math.min(member.size, SCRIPT_TAIL);
  return entry?.copied === true ? Math.min(member.size, COPY_END_LENGTH) : 0;
}
