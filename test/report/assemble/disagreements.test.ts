import { describe, expect, it } from 'vitest';
import type { AnyEvidence } from '../../../src/model/evidence.ts';
import { HOUR } from '../../../src/model/instant.ts';
import { createDisagreementList } from '../../../src/report/assemble/disagreements.ts';
import { ago, CLUSTER, evidence, LOCATION, PROVIDER, TENANT_DATABASE, TENANT_STORE } from '../../evaluate/fixture.ts';

function told(...parts: readonly (readonly AnyEvidence[])[]): readonly string[] {
  const list = createDisagreementList();
  for (const part of parts) list.add(part);
  return list.notices().map(({ text }) => text);
}

const older = (source: string) => ({ source, collectedAt: ago(2 * HOUR) });
const newer = (source: string) => ({ source, collectedAt: ago(HOUR) });

describe('a state that two sources told', () => {
  it('differently is a notice that names both and the one that was used, in either order', () => {
    const records = [
      evidence('provider-state', PROVIDER, [{ sealed: false }], older('collector a')),
      evidence('provider-state', PROVIDER, [{ sealed: true }], newer('collector b')),
    ];
    const expected =
      'The provider state of Key provider Vault was told differently by collector b and collector a; the newest answer, of collector b, was used';
    expect(told(records)).toEqual([expected]);
    expect(told(records.toReversed())).toEqual([expected]);
  });

  it('alike is none, nor is one that only grew between the questions', () => {
    const same = [evidence('cluster', CLUSTER, [{}], older('a')), evidence('cluster', CLUSTER, [{}], newer('b'))];
    const grown = [
      evidence('database-state', TENANT_DATABASE, [{ sizeBytes: 1 }], older('a')),
      evidence('database-state', TENANT_DATABASE, [{ sizeBytes: 2 }], newer('b')),
      evidence('provider-state', PROVIDER, [{ raftAppliedIndex: 1 }], older('a')),
      evidence('provider-state', PROVIDER, [{ raftAppliedIndex: 2 }], newer('b')),
    ];
    const disk = { ownMount: false, fileSystem: 'ext4', totalBytes: 9, freeInodes: null, totalInodes: null };
    const filled = [
      evidence('store-state', TENANT_STORE, [{ disk: { ...disk, freeBytes: 5 } }], older('a')),
      evidence('store-state', TENANT_STORE, [{ disk: { ...disk, freeBytes: 4 } }], newer('b')),
    ];
    expect(told(filled)).toEqual([]);
    expect(told(same, grown)).toEqual([]);
  });

  it('is none where one of them did not see it whole', () => {
    const blind = evidence('database-state', TENANT_DATABASE, [{ exists: false }], { ...newer('b'), blind: true });
    expect(told([evidence('database-state', TENANT_DATABASE, [{}], older('a')), blind])).toEqual([]);
  });
});

it('a key provider that the install records at another address is a notice with both', () => {
  const record = () => evidence('provider-record', PROVIDER, [{}]);
  expect(told([record()])).toEqual([
    'Key provider Vault was asked at the configured address https://vault:8200, and the install database records https://vault-old:8200',
  ]);
  expect(told([record()], [record()])).toEqual([expect.stringContaining('; so it is with 1 more provider')]);
  expect(told([evidence('provider-record', PROVIDER, [])])).toEqual([]);
});

it('lists are united and no disagreement', () => {
  const copies = [
    evidence('copy', TENANT_DATABASE, [{}], older('a')),
    evidence('copy', TENANT_DATABASE, [], newer('b')),
  ];
  expect(told(copies)).toEqual([]);
});

it('many subjects of one kind are one notice with their number', () => {
  const parts = [1, 2, 3].map((number) => {
    const about = { ...LOCATION, key: `dumps-${number}`, name: `dumps-${number}` };
    return [
      evidence('location', about, [{ timezone: 'UTC' }], older('configuration')),
      evidence('location', about, [{ timezone: null }], newer('configuration')),
    ];
  });
  expect(told(...parts)).toEqual([
    'The location of Location dumps-1 and of 2 more subjects was told differently by configuration asked twice; the newest answer, of configuration, was used',
  ]);
});
