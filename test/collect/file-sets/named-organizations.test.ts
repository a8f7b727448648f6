import { join } from 'node:path';
import { expect, test } from 'vitest';
import { namedOrganizations } from '../../../src/collect/file-sets/named-organizations.ts';
import type { InstallReading } from '../../../src/collect/organizations/install-database.ts';
import { openSpool } from '../../../src/collect/organizations/spool.ts';
import { scratchDirectory } from '../../services/scratch.ts';

const scratch = scratchDirectory('named-organizations');

const ACME = 'org_01acme';
const BETA = 'org_01beta';

async function listed() {
  const file = join(scratch.path, `${performance.now()}.ndjson`);
  const spool = openSpool<object>(file);
  for (const [organizationId, slug] of [
    [ACME, 'acme'],
    [BETA, 'beta+co'],
  ] as const) {
    await spool.write(organizationId, { ok: true, row: { organizationId, slug } });
  }
  await spool.close();
  return { datasets: { organizations: { status: 'read', file } } } as unknown as InstallReading;
}

test('a pattern of other organizations alone is told from one that may be of its own', async () => {
  const { othersAlone } = await namedOrganizations(await listed());
  const isOf = (pattern: string) => [
    othersAlone(pattern, ACME),
    othersAlone(pattern, BETA),
    othersAlone(pattern, null),
  ];
  expect(isOf(`sh:**/${BETA}/**`)).toEqual([true, false, true]);
  expect(isOf(`re:/${BETA}[/]cache`)).toEqual([true, false, true]);
  expect(isOf('**/beta+co/tmp')).toEqual([true, false, true]);
  expect(isOf('*/org_01b*/x')).toEqual([true, false, true]);
  expect(isOf('*/org_01?eta/x')).toEqual([true, false, true]);
  expect(isOf('*/beta+*/x')).toEqual([true, false, true]);
  // Of no single one.
  expect(isOf('**/org_*/cache')).toEqual([false, false, true]);
  for (const pattern of ['*.tmp', '**', '*', 'cache', '--exclude-caches', '/srv/**/tmp', 're:\\.bak$']) {
    expect(isOf(pattern)).toEqual([false, false, false]);
  }
});

test('where the organizations could not be read, nobody can be named', async () => {
  const unread = {
    datasets: { organizations: { status: 'blind', error: new Error('no') } },
  } as unknown as InstallReading;
  expect((await namedOrganizations(unread)).othersAlone(BETA, ACME)).toBe(false);
});
