import type { ComparedPart, InstallPart, OrganizationPart } from '../model/bundle.ts';
import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import { s3Service } from '../model/s3-service.ts';
import { comparisonAbout } from './comparison-evidence.ts';
import { type ComparedDatabases, compareDatabases, createDatabaseSurvey } from './shared-databases.ts';
import { type ComparedKeys, createKeySurvey, keySharingOf } from './shared-keys.ts';

/**
 * The first pass: folds every organization's part into bounded data, so that the second can compare organizations while
 * it sees only one. Holds one storage location and one database per organization, some 600 bytes together, until all
 * parts were seen; then only what overlaps.
 */
export interface Survey {
  add(part: ComparedPart): void;
  /** Ends the folding: no part can be added afterwards, and it is called once. */
  finish(): Compared;
}

/** What comparing all organizations found. Plain data, to be handed from one thread to another. */
export interface Compared {
  /** By the number of the organization, counted in the order of the parts. */
  readonly overlaps: ReadonlyMap<number, readonly Relation[]>;
  readonly databases: ComparedDatabases;
  readonly keys: ComparedKeys;
  readonly withoutBindings: number;
  readonly withoutPlace: Readonly<Record<Family, number>>;
}

/** Kinds of places, of which one of another kind cannot be part. */
type Family = 's3' | 'file';

interface Claim {
  readonly place: string;
  readonly owner: number;
  readonly bundled: boolean;
}

type Relation = Facts['store-overlap']['relation'];

export function createSurvey(): Survey {
  const claims: Claim[] = [];
  const databases = createDatabaseSurvey();
  const keys = createKeySurvey();
  let organizations = 0;
  let withoutBindings = 0;
  const withoutPlace: Record<Family, number> = { s3: 0, file: 0 };
  return {
    add(part) {
      const owner = organizations;
      organizations += 1;
      databases.add(part, owner);
      keys.add(part, owner);
      const bindings = bindingsOf(part);
      if (bindings === null) withoutBindings += 1;
      for (const family of unplaced(bindings ?? [])) withoutPlace[family] += 1;
      for (const binding of bindings ?? []) {
        if (binding.state !== 'active') continue;
        const place = placeOf(binding);
        if (place !== null) claims.push({ place, owner, bundled: binding.kind === 'bundled' });
      }
    },
    finish() {
      const overlaps = overlapping(claims);
      // Only what overlaps is asked about from here on; the rest would be held while everything is judged and written.
      claims.length = 0;
      return { overlaps, databases: databases.finish(), keys: keys.finish(), withoutBindings, withoutPlace };
    },
  };
}

/** Says of one organization what comparing all of them found, as evidence for the second pass. */
export interface Comparison {
  /** @param owner number of the organization, counted in the order of the parts */
  evidenceAbout(part: OrganizationPart, owner: number): readonly AnyEvidence[];
}

/** @param install the install's part: its servers tell which tenant databases are one */
export function compareBy(
  compared: Compared,
  asOf: Instant,
  install: Pick<InstallPart, 'subjects' | 'evidence'>,
): Comparison {
  const databases = compareDatabases(compared.databases, install);
  return {
    evidenceAbout(part, owner) {
      const bindings = bindingsOf(part);
      const unknown = unplaced(bindings ?? []);
      const own = new Set((bindings ?? []).filter(({ state }) => state === 'active').map(familyOf));
      const unknownOthers = [...own].reduce(
        (sum, family) => sum + compared.withoutPlace[family] - (unknown.has(family) ? 1 : 0),
        compared.withoutBindings - (bindings === null ? 1 : 0),
      );
      const blindSpot = unknown.size > 0 ? OWN_PLACE_UNKNOWN : unknownOthers > 0 ? OTHERS_UNKNOWN : null;
      const relations = compared.overlaps.get(owner) ?? [];
      return [
        comparisonAbout(part, {
          kind: 'store-overlap',
          of: 'storage-binding',
          source: 'comparison of all storage bindings',
          asOf,
          items: [...new Set(relations)].map((relation) => ({
            relation,
            shared: relations.filter((one) => one === relation).length,
          })),
          blindSpot,
        }),
        databases.evidenceAbout(part, owner, asOf),
        keySharingOf(compared.keys, part, asOf),
      ];
    },
  };
}

function bindingsOf(part: ComparedPart): readonly Facts['storage-binding'][] | null {
  const records = part.evidence.filter((record) => record.kind === 'storage-binding');
  if (records.length === 0 || records.some((record) => record.blindSpot !== null)) return null;
  return records.flatMap((record) => record.items);
}

function familyOf(binding: Facts['storage-binding']): Family {
  return binding.kind === 's3' ? 's3' : 'file';
}

/** Families in which an active binding does not tell its place. */
function unplaced(bindings: readonly Facts['storage-binding'][]): ReadonlySet<Family> {
  return new Set(bindings.filter((binding) => binding.state === 'active' && placeOf(binding) === null).map(familyOf));
}

const OTHERS_UNKNOWN: BlindSpot = {
  reason: 'not-asked',
  detail: 'the storage bindings of other organizations are not all known',
  remedy: 'Read the blind spots of the storage bindings dataset, and give every active binding its bucket or path.',
};

const OWN_PLACE_UNKNOWN: BlindSpot = {
  reason: 'not-asked',
  detail: 'an active storage binding of it names neither bucket nor whole path, so it cannot be compared with others',
  remedy: 'Let dataset storage_bindings of the mapping give the bucket or the path of every active binding.',
};

/** One comparable text for where a binding's files are, ending in `/`; null where the row does not tell. */
function placeOf(binding: Facts['storage-binding']): string | null {
  if (binding.kind === 's3') {
    if (binding.bucket === null) return null;
    return `s3 ${s3Service(binding)} ${binding.bucket}/${slashed(binding.prefix ?? '')}`;
  }
  const path = binding.realPath ?? binding.path;
  return path === null ? null : `file /${plainPath(path)}`;
}

function slashed(path: string): string {
  const trimmed = path
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
  return trimmed === '' ? '' : `${trimmed}/`;
}

/** A path of a file system, with steps upwards taken as far as they go where nobody looked at links. */
function plainPath(path: string): string {
  const steps: string[] = [];
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else steps.push(step);
  }
  return slashed(steps.join('/'));
}

/** Claims of different owners on the same place, or on places one inside the other. Bundled storage may share with bundled. */
function overlapping(claims: readonly Claim[]): ReadonlyMap<number, readonly Relation[]> {
  const found = new Map<number, Relation[]>();
  const note = (owner: number, relation: Relation) => {
    const list = found.get(owner) ?? [];
    list.push(relation);
    found.set(owner, list);
  };
  const sorted = [...claims].sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0));
  const around: Claim[] = [];
  for (const claim of sorted) {
    while (around.length > 0 && !claim.place.startsWith(around.at(-1)?.place ?? '')) around.pop();
    // The nearest enclosing claims suffice: one relation names the problem for either side.
    for (const outer of around.slice(-3)) {
      if (outer.owner === claim.owner || (outer.bundled && claim.bundled)) continue;
      const same = outer.place === claim.place;
      note(outer.owner, same ? 'same' : 'around');
      note(claim.owner, same ? 'same' : 'inside');
    }
    around.push(claim);
  }
  return found;
}
