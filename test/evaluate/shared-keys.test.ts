import { describe, expect, test } from 'vitest';
import { createKeySurvey, keySharingOf } from '../../src/evaluate/shared-keys.ts';
import type { OrganizationPart } from '../../src/model/bundle.ts';
import type { Facts } from '../../src/model/facts.ts';
import { AS_OF, evidence, node, subject } from './fixture.ts';

interface Key {
  readonly providerId?: string;
  readonly providerKind?: string;
  readonly keyRef: string;
  /** Undefined: the provider did not answer. */
  readonly identity?: string | null;
  readonly state?: Facts['key-state']['state'];
  /** Of a key in an HSM. */
  readonly id?: string;
  readonly checkValue?: string;
}

const ATTRIBUTES = {
  class: 'secret key',
  keyType: 'AES, 256 bits',
  label: 'acme',
  startsAt: null,
  sensitive: true,
  extractable: false,
  neverExtractable: true,
  modifiable: true,
};

function partOf(index: number, keys: readonly Key[] | null): OrganizationPart {
  const id = `org_${index}`;
  const organization = subject('organization', id, id);
  const rows = (keys ?? []).map(({ providerId = 'vault-1', providerKind = 'vault-transit', keyRef }, number) => ({
    keyringId: `${id}-${number}`,
    providerId,
    providerKind,
    keyRef,
  }));
  const states = (keys ?? []).map(({ identity, state = 'enabled', id: keyId = null, checkValue = null }, number) => {
    const keyring = subject('keyring', `${id}-${number}`, id);
    return identity === undefined
      ? evidence('key-state', keyring, [], { blind: true })
      : evidence('key-state', keyring, [
          {
            identity,
            state,
            ...(keyId === null ? {} : { attributes: { ...ATTRIBUTES, id: keyId, checkValue } }),
          },
        ]);
  });
  const keyrings = evidence('keyring', organization, rows, keys === null ? { blind: true } : {});
  return { type: 'organization', organizationId: id, subjects: [node(organization)], evidence: [keyrings, ...states] };
}

/** What comparing organizations, each with its keys (null: not read), says about each of them. */
function compared(...keys: readonly (readonly Key[] | null)[]) {
  const parts = keys.map((own, index) => partOf(index, own));
  const survey = createKeySurvey();
  for (const [owner, part] of parts.entries()) survey.add(part, owner);
  const all = survey.finish();
  return parts.map((part) => {
    const { items, blindSpot } = keySharingOf(all, part, AS_OF);
    return { shared: items.length, blind: blindSpot !== null };
  });
}

const vault = (keyRef: string, providerId = 'vault-1'): readonly Key[] => [{ keyRef, providerId, identity: null }];
const kms = (keyRef: string, identity?: string | null): readonly Key[] => [
  { keyRef, providerId: 'kms-1', providerKind: 'aws-kms', ...(identity === undefined ? {} : { identity }) },
];
const OWN = { shared: 0, blind: false };
/** Nothing but its name in the install database is known of it. */
const UNSEEN = { shared: 0, blind: true };
const SHARED = { shared: 1, blind: false };

describe('keys of Vault', () => {
  test('of one name in one provider are one, for each organization that has it', () => {
    expect(compared(vault('acme'), vault('acme'), vault('other'))).toEqual([SHARED, SHARED, OWN]);
  });

  test('of one name in two providers are two', () => {
    expect(compared(vault('acme'), vault('acme', 'vault-2'))).toEqual([OWN, OWN]);
  });

  test('need no identity: the name is the key', () => {
    expect(compared(vault('a'), vault('b'))).toEqual([OWN, OWN]);
  });

  test('must have been shown, and one that was not says nothing of the others', () => {
    expect(compared([{ keyRef: 'a' }], vault('b'))).toEqual([UNSEEN, OWN]);
    expect(compared([{ keyRef: 'a' }], [{ keyRef: 'a' }])).toEqual([SHARED, SHARED]);
  });
});

describe('keys of Azure', () => {
  const azure = (keyRef: string, providerId = 'azure-1', identity?: string): readonly Key[] => [
    { keyRef, providerId, providerKind: 'azure-key-vault', ...(identity === undefined ? {} : { identity }) },
  ];
  const version = (digit: string) => digit.repeat(32);

  test('are one key whatever version and case they are recorded with', () => {
    expect(compared(azure(`acme/${version('1')}`), azure(`Acme/${version('2')}`), azure('globex'))).toEqual([
      SHARED,
      SHARED,
      UNSEEN,
    ]);
  });

  test('are one key at two addresses of one vault', () => {
    const id = 'https://acme.vault.azure.net/keys/acme';
    expect(compared(azure('acme', 'azure-1', id), azure('acme', 'azure-2', id))).toEqual([SHARED, SHARED]);
  });

  test('need no identity: one that is forbidden leaves the others as they are', () => {
    const shown = (name: string, provider = 'azure-1') =>
      azure(name, provider, `https://${provider}.example/keys/${name}`);
    expect(compared(azure('acme'), shown('globex'), shown('hooli', 'azure-2'))).toEqual([UNSEEN, OWN, OWN]);
  });
});

describe('keys that can go by several names', () => {
  test('are one where the provider says so, whatever their names', () => {
    expect(compared(kms('alias/a', 'arn:key/1'), kms('alias/b', 'arn:key/1'), kms('alias/c', 'arn:key/2'))).toEqual([
      SHARED,
      SHARED,
      OWN,
    ]);
  });

  test('are told by their ids where no alias is recorded, an ARN or not, answered or not', () => {
    const arn = 'arn:aws:kms:eu-central-1:111122223333:key/mrk-1';
    expect(compared(kms('mrk-1'), kms(arn), kms('alias/a', arn.replace('central', 'west')), kms('mrk-2'))).toEqual([
      SHARED,
      SHARED,
      SHARED,
      UNSEEN,
    ]);
  });

  test.each([undefined, null])('are not told apart where the provider does not say which they are (%s)', (identity) => {
    expect(compared(kms('alias/a', 'arn:key/1'), kms('alias/b', identity), vault('acme'))).toEqual([
      { shared: 0, blind: true },
      { shared: 0, blind: true },
      OWN,
    ]);
  });
});

test('two keyrings of one organization may use one key', () => {
  expect(compared([...vault('acme'), ...vault('acme')])).toEqual([OWN]);
});

test('keyrings that are not known may use any key', () => {
  expect(compared(vault('acme'), null, vault('acme'))).toEqual([
    { shared: 1, blind: true },
    { shared: 0, blind: true },
    { shared: 1, blind: true },
  ]);
});

describe('keys in HSMs', () => {
  const BLIND = { shared: 0, blind: true };
  const hsm = (keyRef: string, key: Partial<Key>): readonly Key[] => [
    { keyRef, providerId: 'hsm-1', providerKind: 'pkcs11', identity: null, ...key },
  ];

  test('are one where two labels lead to the same object', () => {
    const identity = 'pkcs11:serial=1;id=%01;x-check-value=aabbcc';
    const same = { identity, id: '01', checkValue: 'aabbcc' };
    const other = { identity: 'pkcs11:serial=1;id=%02;x-check-value=ddeeff', id: '02', checkValue: 'ddeeff' };
    expect(compared(hsm('a', same), hsm('id:01', same), hsm('c', other))).toEqual([SHARED, SHARED, OWN]);
  });

  test('are one where two tokens show the same id and check value', () => {
    const here = { identity: 'pkcs11:serial=1;id=%01;x-check-value=aabbcc', id: '01', checkValue: 'aabbcc' };
    const there = { ...here, providerId: 'hsm-2', identity: 'pkcs11:serial=2;id=%01;x-check-value=aabbcc' };
    expect(compared(hsm('a', here), hsm('b', there))).toEqual([SHARED, SHARED]);
  });

  test('may be one where only the check value agrees, which three bytes do not prove', () => {
    const one = { identity: 'pkcs11:serial=1;id=%01;x-check-value=aabbcc', id: '01', checkValue: 'aabbcc' };
    const two = { identity: 'pkcs11:serial=1;id=%02;x-check-value=aabbcc', id: '02', checkValue: 'aabbcc' };
    const three = { identity: 'pkcs11:serial=1;id=%03;x-check-value=ddeeff', id: '03', checkValue: 'ddeeff' };
    expect(compared(hsm('a', one), hsm('b', two), hsm('c', three))).toEqual([BLIND, BLIND, OWN]);
  });

  test('one that is missing is nobody else’s, one that was not shown may be', () => {
    const there = { identity: 'pkcs11:serial=1;id=%01;x-check-value=aabbcc', id: '01', checkValue: 'aabbcc' };
    expect(compared(hsm('a', there), hsm('b', { state: 'missing' }))).toEqual([OWN, OWN]);
    const unshown = [{ keyRef: 'b', providerId: 'hsm-1', providerKind: 'pkcs11' }];
    expect(compared(hsm('a', there), unshown)).toEqual([BLIND, BLIND]);
  });
});
