import type { Asker } from '../../src/collect/ask.ts';
import type { AnyEvidence, BlindSpot } from '../../src/model/evidence.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import type { Subject } from '../../src/model/subject.ts';
import type { Random } from './random.ts';

/** What is wrong with a generated organization. */
type Trouble =
  | 'none'
  | 'stale copies'
  | 'damaged copies'
  | 'missing key'
  | 'unreachable database'
  | 'no copies'
  | 'one table left out';

/** Shares in a hundred of the organizations; the rest is well. */
const TROUBLES: readonly (readonly [Exclude<Trouble, 'none'>, number])[] = [
  ['stale copies', 6],
  ['damaged copies', 4],
  ['missing key', 2],
  ['unreachable database', 4],
  ['no copies', 2],
  ['one table left out', 2],
];
/** Backup sets that hold the files. */
export const FILE_COPIES = 10;
/** Why nothing is known of what is inside an unreachable database. */
export const UNREACHABLE: BlindSpot = {
  reason: 'unreachable',
  detail: 'db1:5432: the server did not accept the connection',
  remedy: 'Start the server, or correct host and port.',
};

/** One organization that is being made. */
export interface Maker {
  readonly index: number;
  readonly organization: Subject;
  readonly database: Subject;
  readonly keyring: Subject;
  readonly store: Subject;
  readonly trouble: Trouble;
  readonly random: Random;
  readonly asker: Asker;
}

/** What is wrong with the next organization. */
export function troubleOf(random: Random): Trouble {
  let rest = random.whole(100);
  for (const [trouble, share] of TROUBLES) {
    if (rest < share) return trouble;
    rest -= share;
  }
  return 'none';
}

/** Records one answer as a collector does. */
export function told<K extends FactKind>(
  { asker }: Maker,
  kind: K,
  about: Subject,
  where: readonly [source: string, operation: string, locator: string],
  items: readonly Facts[K][],
  blindSpot: BlindSpot | null = null,
): AnyEvidence {
  const [source, operation, locator] = where;
  const question = { kind, subject: about, source, operation, locator };
  return asker.record(kind === 'failure-domain' ? { ...question, grade: 'declared' } : question, {
    items,
    blindSpot,
  }) as unknown as AnyEvidence;
}

/** Where rows of a dataset come from. */
export function dataset(name: string): readonly [string, string, string] {
  return ['install database', `dataset ${name}`, 'install database'];
}
