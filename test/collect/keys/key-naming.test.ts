import { describe, expect, it } from 'vitest';
import { createNamingSurvey, keyNameIn } from '../../../src/collect/keys/key-naming.ts';

const ACME = 'org_01hxy0000000000000000000aa';
const GLOBEX = 'org_01hxy0000000000000000000bb';
const GONE = 'org_01gone00000000000000000077';

function namingOf(keyrings: Readonly<Record<string, string>>, ids: readonly string[] = Object.keys(keyrings)) {
  const survey = createNamingSurvey();
  for (const [id, name] of Object.entries(keyrings)) survey.add(id, name);
  return survey.naming(ids);
}

describe('keys named after organizations', () => {
  const naming = namingOf({ [ACME]: `tenant-${ACME}-kek`, [GLOBEX]: `tenant-${GLOBEX.toUpperCase()}-KEK` });

  it('tell the organization, whether it is in the list or not', () => {
    expect(naming?.organizationIn(`tenant-${ACME}-kek`)).toBe(ACME);
    expect(naming?.organizationIn(`Tenant-${GONE.toUpperCase()}-kek`)).toBe(GONE);
  });

  it.each([
    'install',
    'tenant--kek',
    'tenant-org_backup-kek',
    // Of the same length, and no id: ids begin with org_.
    'tenant-archive-of-2019-and-2020-abcdef-kek',
    'tenant-org_abcdefghijklmnopqrstuvwxyz-kek',
    `other-${GONE}-kek`,
    `tenant-${GONE}`,
    `tenant-${GONE}7-kek`,
  ])('%s tells none', (name) => {
    expect(naming?.organizationIn(name)).toBeNull();
  });

  it('by ids of the form of UUIDs', () => {
    const [one, two, gone] = ['0a', 'f1', '77'].map((start) => `${start}b4c5d6-1111-4222-8333-444455556666`);
    const uuids = namingOf({ [`${one}`]: `${one}`, [`${two}`]: `${two}` });
    expect(uuids?.organizationIn(`${gone}`)).toBe(gone);
    expect(uuids?.organizationIn('a key of any other kind, of 36 chars')).toBeNull();
  });
});

it.each<readonly [string, Readonly<Record<string, string>>]>([
  ['there is one organization alone', { [ACME]: ACME }],
  ['names are not of ids', { [ACME]: 'acme', [GLOBEX]: 'globex' }],
  ['each name follows a scheme of its own', { [ACME]: `a-${ACME}`, [GLOBEX]: `b-${GLOBEX}` }],
  ['ids are words', { 'acme-corporation': 'kek-acme-corporation', 'globex-corporation': 'kek-globex-corporation' }],
  ['ids are numbers', { '1': 'kek-1', '2': 'kek-2' }],
])('nothing is told where %s', (_, keyrings) => {
  expect(namingOf(keyrings)).toBeNull();
});

it.each([
  ['aws-kms', 'arn:aws:kms:eu-central-1:111122223333:alias/acme', 'alias/acme'],
  ['azure-key-vault', 'https://v.vault.azure.net/keys/Acme/0123456789abcdef0123456789abcdef', 'acme'],
  ['pkcs11', 'label:acme', 'acme'],
  ['pkcs11', 'ID:0x0A:05', 'id:0a05'],
  ['vault-transit', 'acme', 'acme'],
  [null, 'acme', 'acme'],
])('a provider of kind %s lists %s as %s', (kind, keyRef, name) => {
  expect(keyNameIn(kind, keyRef)).toBe(name);
});
