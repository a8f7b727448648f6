import { expect, it } from 'vitest';
import type { Facts } from '../../src/model/facts.ts';
import { providerUseNotices } from '../../src/report/provider-use-notices.ts';
import { evidence, PROVIDER } from '../evaluate/fixture.ts';

type LeftKey = Facts['provider-use']['leftKeys'][number];

const KEY: LeftKey = {
  name: 'tenant-org_gone',
  organizationId: 'org_gone',
  toldBy: 'name',
  inProvider: true,
  snapshots: 0,
  newestSnapshot: null,
};

function noticesOf(changes: Partial<Facts['provider-use']>) {
  const leftKeys = changes.leftKeys ?? [];
  const item = { usedBy: ['keyrings'], notListed: null, leftKeys, leftCount: leftKeys.length, ...changes };
  return providerUseNotices([evidence('provider-use', PROVIDER, [item])]);
}

it('a provider that is used and holds nothing else needs no word', () => {
  expect(noticesOf({})).toEqual([]);
  expect(providerUseNotices([])).toEqual([]);
});

it('a provider that nothing uses is named', () => {
  const [notice, ...others] = noticesOf({ usedBy: [] });
  expect(notice?.text).toContain(
    'Key provider Vault is configured, and no keyring of the install or of an organization, no seal and no location uses it',
  );
  expect(others).toEqual([]);
});

it('a key of an organization that is gone says what keeping and destroying it mean', () => {
  const recorded: LeftKey = { ...KEY, name: 'old', toldBy: 'keyring row', inProvider: null, snapshots: 2 };
  const [notice] = noticesOf({ leftKeys: [KEY, recorded], leftCount: 210 });
  expect(notice?.text).toContain(
    'Key provider Vault holds 210 keys of organizations that the install does not list, and that no keyring of a listed one names: tenant-org_gone, old (a keyring row is left, too, in 2 snapshots), and 208 more',
  );
  expect(notice?.remedy).toMatch(/^First find out whose they are: another install may use the same provider\./);
  expect(notice?.remedy).toContain('destroying the key makes every copy unreadable at once');
});

it('a key that was destroyed and lives on in snapshots is told apart', () => {
  const [notice, ...others] = noticesOf({ leftKeys: [{ ...KEY, inProvider: false, snapshots: 3 }] });
  expect(notice?.text).toContain(
    '1 key of organizations that the install does not list is gone from Key provider Vault and still in snapshots of it: tenant-org_gone (in 3 snapshots)',
  );
  expect(others).toEqual([]);
});

it('a refused list is named, and no more', () => {
  const [notice, ...others] = noticesOf({ notListed: 'permission denied' });
  expect(notice?.text).toMatch(/^Whether .* was not asked: permission denied$/);
  expect(others).toEqual([]);
});
