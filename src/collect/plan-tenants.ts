import type { PlannedProvider } from '../config/host-plan.ts';
import type { PlannedCopyDraw, PlannedDraw } from '../model/planned-draw.ts';
import { askTenants, type TenantWishes } from './ask-tenants-for-plan.ts';
import { mapInOrder } from './concurrency.ts';
import { isAudited, ownedSpools } from './copied-databases.ts';
import type { Collection } from './estate.ts';
import { type SampledDatabase, samplesOf } from './keys/proof-evidence.ts';
import { questionDigest } from './keys/sample-text.ts';
import type { KeyringRow } from './organizations/dataset-contracts.ts';
import type { InstallReading } from './organizations/install-database.ts';
import { mergeByOrganization, type OrganizationEntry } from './organizations/merge-by-organization.ts';
import type { SampleReading } from './organizations/wrapped-samples.ts';
import type { Server } from './servers.ts';

type PlannedSample = PlannedProvider['samples'][number];

export interface PlannedTenants {
  /** References of the keys that keyrings name, by provider. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>;
  /** One sample of each organization and key version, by provider; what is the same, once. */
  readonly samples: ReadonlyMap<string, ReadonlyMap<string, PlannedSample>>;
  /** How many further ones collect.proofs left out, by provider. */
  readonly samplesLeftOut: ReadonlyMap<string, number>;
  /** Null: they name more files than a host can be handed. */
  readonly draws: readonly PlannedDraw[] | null;
  readonly copyDraws: readonly PlannedCopyDraw[];
  /** What could not be had, in words. */
  readonly lacking: readonly string[];
}

/** What the names of files may take of a plan, as text: a host reads it as a whole. */
const MOST_TEXT = 128 * 1024 * 1024;
/** What a row takes in it besides its name. */
const TEXT_OF_ROW = 260;

interface InstallAnswers {
  readonly reading: InstallReading;
  readonly servers: readonly Server[];
  /** Of the install database. */
  readonly samples: SampleReading | null;
}

interface Planning {
  readonly keys: Map<string, Set<string>>;
  readonly samples: Map<string, Map<string, PlannedSample>>;
  draws: PlannedDraw[] | null;
  readonly copyDraws: PlannedCopyDraw[];
  textOfDraws: number;
  readonly lacking: string[];
  /** How many samples may still be taken along. */
  left: number;
  readonly leftOut: Map<string, Set<string>>;
}

/** Walks the organizations that are audited, and asks the tenant databases of those of which something is wished. */
export async function planTenants(
  collection: Collection,
  { reading, servers, samples }: InstallAnswers,
  wishes: TenantWishes,
): Promise<PlannedTenants> {
  const { config } = collection;
  const found: Planning = {
    keys: new Map(),
    samples: new Map(),
    draws: [],
    copyDraws: [],
    textOfDraws: 0,
    lacking: [],
    left: config.collect.proofs,
    leftOut: new Map(),
  };
  const { organizations } = reading.datasets;
  if (organizations.status !== 'read') return plannedOf(found);
  const own: KeyringRow[] = [];
  const entries = mergeByOrganization(
    { organizations: organizations.file, owned: ownedSpools({ reading }) },
    {
      unowned: ({ dataset, record }) => {
        if (dataset === 'keyrings' && record.ok) own.push(record.row);
      },
      orphan: () => undefined,
    },
  );
  const asked = mapInOrder(audited(collection, entries), config.collect.concurrency, (entry) =>
    askTenants(collection, servers, entry, wishes),
  );
  for await (const { entry, draws, copyDraws, sampled, lacking } of asked) {
    takeDraws(found, draws, copyDraws);
    found.lacking.push(...lacking);
    takeKeys(collection, found, entry.rows.keyrings, wishes, sampled);
  }
  takeKeys(collection, found, own, wishes, [{ reading: samples, blindSpot: null, versions: null }]);
  const planned = plannedOf(found);
  const leftOut = [...planned.samplesLeftOut.values()].reduce((sum, count) => sum + count, 0);
  if (leftOut > 0) {
    found.lacking.push(`${leftOut} further samples of key versions: collect.proofs allows no more in one run`);
  }
  return planned;
}

function plannedOf({ keys, samples, draws, copyDraws, lacking, leftOut }: Planning): PlannedTenants {
  const samplesLeftOut = new Map([...leftOut].map(([id, questions]) => [id, questions.size]));
  return { keys, samples, draws, copyDraws, lacking, samplesLeftOut };
}

async function* audited(
  collection: Collection,
  entries: AsyncIterable<OrganizationEntry>,
): AsyncGenerator<OrganizationEntry> {
  for await (const entry of entries) if (isAudited(collection, entry)) yield entry;
}

function takeDraws(found: Planning, draws: readonly PlannedDraw[], copyDraws: readonly PlannedCopyDraw[]): void {
  for (const { files } of draws) {
    for (const { objectKey } of files) found.textOfDraws += objectKey.length + TEXT_OF_ROW;
  }
  for (const { files } of copyDraws) {
    for (const { objectKey, paths } of files) {
      found.textOfDraws += paths.reduce((sum, path) => sum + path.length, objectKey.length + TEXT_OF_ROW);
    }
  }
  if (found.textOfDraws > MOST_TEXT) found.draws = null;
  if (found.draws === null) return;
  found.draws.push(...draws);
  found.copyDraws.push(...copyDraws);
}

function takeKeys(
  collection: Collection,
  found: Planning,
  rows: readonly KeyringRow[],
  { providers, samples: isWanted }: TenantWishes,
  sampled: readonly SampledDatabase[],
): void {
  for (const { providerId, keyRef } of rows) {
    if (!providers.has(providerId)) continue;
    const keys = found.keys.get(providerId) ?? new Set();
    found.keys.set(providerId, keys.add(keyRef));
    const kind = collection.config.providers.find(({ id }) => id === providerId)?.kind;
    if (!isWanted || kind === undefined) continue;
    const taken = found.samples.get(providerId) ?? new Map<string, PlannedSample>();
    found.samples.set(providerId, taken);
    for (const { row, wrapped } of samplesOf(collection, kind, keyRef, sampled).samples) {
      const question = questionDigest(providerId, row.keyRef, row.version, wrapped);
      if (taken.has(question)) continue;
      if (found.left === 0) {
        found.leftOut.set(providerId, (found.leftOut.get(providerId) ?? new Set()).add(question));
        continue;
      }
      found.left -= 1;
      const { value, context, mechanism } = wrapped;
      taken.set(question, {
        // As its own record states it: of a provider whose versions have names it may name one.
        keyRef: row.keyRef,
        version: row.version,
        value,
        mechanism,
        ...(context === undefined ? {} : { context }),
      });
    }
  }
}
