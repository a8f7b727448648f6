import type { Collection } from '../../../src/collect/estate.ts';
import { runbookEvidence } from '../../../src/collect/hosts/runbook.ts';
import { NOTHING_JOINED } from '../../../src/collect/recorded/joined-hosts.ts';
import { fileInventoryEvidence } from '../../../src/collect/stores/file-inventory-evidence.ts';
import { fileSampleEvidence } from '../../../src/collect/stores/file-sample-evidence.ts';
import { formerStoreEvidence } from '../../../src/collect/stores/former-store-evidence.ts';
import { storeEvidence } from '../../../src/collect/stores/store-evidence.ts';
import type { TenantReading } from '../../../src/collect/tenant-live-evidence.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { fact } from '../../evaluate/fixture.ts';
import { emptyPart, NO_ESTATE, storeCollection, toldBy } from './store-collection.ts';

const CREATED = '2026-10-01T00:00:00.000Z';
/** The file that its database lists. */
export const DOCUMENT = 'document';

/** A collection on the install host itself. */
export function localStoreCollection(runbook: string): Collection {
  const plain = storeCollection({}, { collect: { inventory: true } });
  const install = { ...plain.config.install, collectorRunsHere: true, runbook };
  const mapping = { tenant: { artifacts: { kind: 'query' } } };
  return { ...plain, config: { ...plain.config, install }, joined: NOTHING_JOINED, mapping } as unknown as Collection;
}

/** A database that lists one file. */
function reading(): TenantReading {
  const row = { objectKey: DOCUMENT, bytes: 1, sha256: null, createdAt: CREATED };
  const listed = (keys: readonly string[]) => Promise.resolve(new Set(keys));
  return {
    database: 'db',
    registered: 1,
    locator: 'tenant',
    stillListed: listed,
    rowsOfKeys: async () => [row],
    readKeys: (add) => add([DOCUMENT]),
    drawn: {
      sample: {
        question: { rows: 59, seed: 7, before: '2026-11-22T00:00:00.000Z' },
        method: 'drawn from all rows by a hash',
        rows: [row],
        problems: [],
        estimate: null,
      },
      population: 1,
      stillListed: listed,
      rowsOfKeys: async () => [row],
    },
  };
}

/** All that is asked about one store, and about one that was in use before it: the fact, or why there is none. */
export async function askedOfLocalStore(
  collection: Collection,
  path: string,
  former: string,
): Promise<readonly unknown[]> {
  const part = emptyPart();
  const organization: Subject = { kind: 'organization', key: path, organizationId: path, name: path };
  const binding = (bindingId: string, place: string, state: 'active' | 'inactive') =>
    fact('storage-binding', { bindingId, kind: 'local_filesystem_dedicated', bucket: null, path: place, state });
  const active = binding(path, path, 'active');
  const bindings = [active, binding(former, former, 'inactive')];
  const context = { organizationId: path, bindings, readings: [reading()] };
  await storeEvidence(collection, NO_ESTATE, part, path, active);
  await formerStoreEvidence(collection, NO_ESTATE, part, organization, bindings, null);
  await fileSampleEvidence(collection, NO_ESTATE, part, context, () => undefined);
  await fileInventoryEvidence(collection, part, context);
  part.evidence.push(...(await runbookEvidence(collection, NO_ESTATE, organization)));
  const told = toldBy(part.evidence);
  return ['store-state', 'former-store', 'file-sample', 'file-inventory', 'runbook'].map((kind) => told[kind]?.[0]);
}
