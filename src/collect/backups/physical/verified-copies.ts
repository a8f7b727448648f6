import type { Instant } from '../../../model/instant.ts';
import type { ClusterVerification } from '../verification/verification-memory.ts';
import type { PhysicalContents, PhysicalCopy, WalArchive } from './physical-copy.ts';
import { type SettledCopy, settleCopies } from './settle-copies.ts';

/** The reading that vouches for a copy, and what the copy is without it. */
export interface VouchingReading {
  /** The oldest reading of those that it took: of the copy and of all that it builds on. */
  readonly at: Instant;
  /** Whether every byte was compared; else something counts by its structure alone. */
  readonly isWhole: boolean;
  readonly byStructure: { readonly integrity: PhysicalCopy['integrity']; readonly because: string };
}

export interface VerifiedCopy {
  readonly settled: SettledCopy;
  /** Null where it counts by its structure. */
  readonly vouching: VouchingReading | null;
}

/** Full readings of the copies of one place by their labels, each of the present state of the copy. */
export type ReadCopies = ReadonlyMap<string, ClusterVerification>;

/** What the attempt to read a copy or an archive in full could not. */
const UNREAD = 'it could not be read in full, or was changed while it was read';

/**
 * Settles the copies of one place by their structure and by what full readings found, and takes for each what is known
 * better. A reading vouches for a copy only where every copy that it builds on was read as well; damage that a reading
 * found counts in any case.
 *
 * @param elsewhere WAL archives of other places
 * @param failed labels of copies and paths of archives that could not be read in full in this run: without an earlier
 * reading they are unproven, and so is what is built on them
 */
export function verifiedCopies(
  { copies: listed, archives }: Pick<PhysicalContents, 'copies' | 'archives'>,
  elsewhere: readonly WalArchive[],
  read: ReadCopies,
  failed: ReadonlySet<string> = new Set(),
): readonly VerifiedCopy[] {
  const copies = listed.map((copy) => unreadCopy(copy, failed));
  return verified(copies, archives, elsewhere, read).map((one) => withArchive(one, failed));
}

function unreadCopy(copy: PhysicalCopy, failed: ReadonlySet<string>): PhysicalCopy {
  if (copy.integrity !== 'complete' || !failed.has(copy.label)) return copy;
  return { ...copy, integrity: 'unproven', integrityBecause: UNREAD };
}

/** WAL that could not be read proves nothing of what is to be replayed from it. */
function withArchive(one: VerifiedCopy, failed: ReadonlySet<string>): VerifiedCopy {
  const { settled } = one;
  if (settled.kind !== 'continuous' || settled.integrity !== 'complete' || !failed.has(settled.path)) return one;
  const integrityBecause = 'the WAL in it could not be read in full';
  return { settled: { ...settled, integrity: 'unproven', integrityBecause }, vouching: null };
}

function verified(
  copies: readonly PhysicalCopy[],
  archives: readonly WalArchive[],
  elsewhere: readonly WalArchive[],
  read: ReadCopies,
): readonly VerifiedCopy[] {
  const byStructure = settleCopies(copies, archives, elsewhere);
  if (copies.every(({ label }) => !read.has(label))) {
    return byStructure.map((settled) => ({ settled, vouching: null }));
  }
  const found = copies.map((copy) => {
    const reading = read.get(copy.label);
    return reading === undefined ? copy : { ...reading.copy, ...besides(copy) };
  });
  const asRead = settleCopies(found, archives, elsewhere);
  const better = copies.map((_, index) => betterKnown(byStructure[index], asRead[index], read));
  const known = new Map(better.flatMap((one) => (one === null ? [] : [[one.settled.label, one] as const])));
  const continuous = asRead.slice(copies.length).map((settled) => {
    const before = byStructure.slice(copies.length).find(({ path }) => path === settled.path);
    return withBase(settled, before, known, archives);
  });
  return [...better.filter((one) => one !== null), ...continuous];
}

/** What is known by what lies beside a copy, which a reading of it alone does not look at. */
function besides({ needs, history, otherWal }: PhysicalCopy): Partial<PhysicalCopy> {
  return { needs, ...(history === undefined ? {} : { history }), ...(otherWal === undefined ? {} : { otherWal }) };
}

function betterKnown(
  before: SettledCopy | undefined,
  after: SettledCopy | undefined,
  read: ReadCopies,
): VerifiedCopy | null {
  if (before === undefined || after === undefined) return null;
  const links = [after.copy.label, ...after.builtOn].map((label) => read.get(label));
  const readings = links.filter((link) => link !== undefined);
  if (before.integrity === 'incomplete') return { settled: before, vouching: null };
  if (after.integrity === 'incomplete') return { settled: dated(after, readings), vouching: null };
  const own = read.get(after.copy.label);
  const walDamage = own?.walDamage ?? null;
  if (own !== undefined && walDamage !== null) {
    const damaged: SettledCopy = { ...after, integrity: 'incomplete', integrityBecause: walDamage };
    return { settled: datedBy(damaged, own), vouching: null };
  }
  if (readings.length < links.length || readings.length === 0) {
    // What a reading could not prove is not proven by looking less closely.
    const settled = after.integrity === 'complete' ? before : after;
    return { settled, vouching: null };
  }
  if (after.integrity === 'unproven') return { settled: after, vouching: null };
  const [at = ''] = readings.map(({ verifiedAt }) => verifiedAt).sort();
  const isWhole = readings.every(({ copy }) => copy.readToEnd);
  return { settled: after, vouching: { at, isWhole, byStructure: structureOf(before) } };
}

/** A base copy with all WAL after it counts as its base does; that WAL was read only where its archive was. */
function withBase(
  settled: SettledCopy,
  before: SettledCopy | undefined,
  known: ReadonlyMap<string, VerifiedCopy>,
  archives: readonly WalArchive[],
): VerifiedCopy {
  const base = known.get(settled.copy.label);
  if (base === undefined) return { settled, vouching: null };
  const { integrity, integrityBecause } = base.settled;
  // Its WAL is the reason then, which no reading of the base changes.
  if (integrity === 'complete' && settled.integrity !== 'complete') return { settled, vouching: null };
  if (base.vouching === null) {
    const isSame = before?.copy.label === settled.copy.label && before.integrity === integrity;
    return { settled: isSame ? before : { ...settled, integrity, integrityBecause }, vouching: null };
  }
  const isRead = archives.some(({ path, readToEnd }) => path === settled.path && readToEnd === true);
  const { at, isWhole, byStructure } = base.vouching;
  const structure = before === undefined ? byStructure : structureOf(before);
  return { settled, vouching: { at, isWhole: isWhole && isRead, byStructure: structure } };
}

function structureOf({ integrity, integrityBecause }: SettledCopy): VouchingReading['byStructure'] {
  return { integrity, because: integrityBecause };
}

/** Damage that an earlier run found is told with its date. */
function dated(settled: SettledCopy, readings: readonly ClusterVerification[]): SettledCopy {
  const [damaged] = readings.filter(({ copy }) => copy.integrity === 'incomplete');
  return damaged === undefined ? settled : datedBy(settled, damaged);
}

function datedBy(settled: SettledCopy, { isNew, verifiedAt }: ClusterVerification): SettledCopy {
  if (isNew) return settled;
  return {
    ...settled,
    integrityBecause: `${settled.integrityBecause}, as it was read in full on ${verifiedAt.slice(0, 10)}`,
  };
}
