import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import type { Collection, Estate } from '../../src/collect/estate.ts';
import { licenseEvidence, UNKNOWN_INSTALL } from '../../src/collect/license-evidence.ts';
import { openSpool } from '../../src/collect/organizations/spool.ts';
import { AS_OF, subject } from '../evaluate/fixture.ts';

async function licensesOf(install: string, ...installIds: readonly string[]) {
  const directory = await mkdtemp(join(tmpdir(), 'license-'));
  try {
    const file = join(directory, 'license.ndjson');
    const spool = openSpool<object>(file);
    for (const installId of installIds) {
      const row = { installId, state: 'valid', validFrom: null, validUntil: AS_OF, maxOrganizations: null };
      await spool.write(null, { ok: true, row: { ...row, organizationIds: [] } });
    }
    await spool.close();
    const collection = { asker: createAsker(systemClock, [], new AbortController().signal) } as unknown as Collection;
    const estate = {
      installSubject: subject('install', install),
      known: new Map(),
      reading: { datasets: { license: { status: 'read', file } } },
    } as unknown as Estate;
    const found = await licenseEvidence(collection, estate, { streamed: { count: 0 }, organizationKeys: new Set() });
    return { licenses: found.items.length, blind: found.blindSpot?.detail ?? null };
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('only licenses of this install count, without case', async () => {
  expect(await licensesOf('install-a', 'INSTALL-A', 'install-b')).toEqual({ licenses: 1, blind: null });
  expect(await licensesOf('install-a', 'install-b')).toEqual({ licenses: 0, blind: null });
});

test('of an install without id nobody can tell', async () => {
  const found = await licensesOf(UNKNOWN_INSTALL, 'install-b');
  expect(found).toMatchObject({ licenses: 0, blind: expect.stringContaining('not known') });
});
