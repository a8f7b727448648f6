import fc from 'fast-check';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import { DAY, HOUR } from '../../src/model/instant.ts';
import type { Subject } from '../../src/model/subject.ts';
import { ago, fact, LOCATION, subject } from '../evaluate/fixture.ts';

/** Something a collector asks about one subject, with what may be answered. */
export interface Question {
  readonly part: 'install' | 'organization';
  readonly subject: Subject;
  readonly kind: FactKind;
  readonly item: fc.Arbitrary<Facts[FactKind]>;
  readonly items: fc.Arbitrary<readonly Facts[FactKind][]>;
  /** What a well-run install answers. */
  readonly usual: readonly Facts[FactKind][];
  readonly mayBeDeclared?: boolean;
}

/** Where backups lie; `local` is on the lost host. */
export const LOCATIONS = [LOCATION, subject('location', 'sets'), subject('location', 'local')];

/** Other values that fields may have. */
export type Variants<K extends FactKind> = { readonly [F in keyof Facts[K]]?: readonly Facts[K][F][] };

/** A plausible fact, often with some fields changed to one of the values given. */
function varied<K extends FactKind>(kind: K, base: Partial<Facts[K]>, variants: Variants<K>): fc.Arbitrary<Facts[K]> {
  const usual = fact(kind, base);
  const changes = Object.fromEntries(
    Object.entries(variants).map(([field, values]) => [
      field,
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(usual[field as keyof Facts[K]]) },
        { weight: 2, arbitrary: fc.constantFrom(...(values as readonly unknown[])) },
      ),
    ]),
  );
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.record(changes).map((some) => ({ ...usual, ...some }) as Facts[K]) },
  );
}

/** Facts of which a well-run install shows none. */
const NONE_IS_WELL: ReadonlySet<FactKind> = new Set(['store-overlap', 'database-overlap', 'key-overlap']);

/** Moments of which some are within the usual limits, some not, and one lies ahead. */
export const AGES = [ago(2 * HOUR), ago(20 * HOUR), ago(30 * HOUR), ago(10 * DAY), ago(100 * DAY), ago(-2 * HOUR)];

/** Collects the questions of one file. */
export function questioner() {
  const made: Question[] = [];
  function ask<K extends FactKind>(
    of: Subject,
    kind: K,
    base: Partial<Facts[K]>,
    variants: Variants<K>,
    count: readonly [number, number] = [1, 1],
    mayBeDeclared = false,
    usual: readonly Partial<Facts[K]>[] = NONE_IS_WELL.has(kind) ? [] : [{}],
  ): void {
    const item = varied(kind, base, variants);
    const several = fc.array(item, { minLength: count[0], maxLength: count[1] });
    made.push({
      part: of.organizationId === null ? 'install' : 'organization',
      subject: of,
      kind,
      item,
      usual: usual.map((one) => fact(kind, { ...base, ...one })),
      items: fc.oneof({ weight: 10, arbitrary: several }, { weight: 1, arbitrary: fc.constant([]) }),
      mayBeDeclared,
    });
  }
  return { made: made as readonly Question[], ask };
}
