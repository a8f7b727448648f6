import { expect, test } from 'vitest';
import { tellLostFiles, tellLostInReplicas } from '../../src/collect/lost-files.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { evidence, TENANT_STORE } from '../evaluate/fixture.ts';

function told(...samples: Parameters<typeof evidence<'file-sample'>>[2]): unknown {
  const records: AnyEvidence[] = [
    evidence('store-state', TENANT_STORE, [{}]),
    evidence('file-sample', TENANT_STORE, samples),
  ];
  tellLostFiles({ evidence: records }, TENANT_STORE.key);
  const [state] = records;
  return state?.kind === 'store-state' ? state.items[0]?.lost : null;
}

test('what the databases list and the live store has lost is told of the store', () => {
  expect(told({ drawn: 40, missing: 39 }, { drawn: 10, sizeDiffers: 2, checksumDiffers: 1 })).toEqual({
    drawn: 50,
    missing: 39,
    differs: 3,
  });
  expect(told({ drawn: 59 })).toBeUndefined();
  expect(told()).toBeUndefined();
});

test('files from before the store was put to use may lie elsewhere', () => {
  expect(told({ drawn: 40, missing: 30, fromBefore: { drawn: 30, found: 0 } })).toBeUndefined();
  expect(told({ drawn: 40, missing: 31, fromBefore: { drawn: 30, found: 0 } })).toMatchObject({
    drawn: 10,
    missing: 1,
  });
});

test('what the bucket that rules copy to lacks is told of that bucket alone', () => {
  const sample = { method: 'replica' as const, location: 'acme-files-copy', expected: 40 };
  const records: AnyEvidence[] = [
    evidence('store-replica', TENANT_STORE, [
      { destination: 'arn:aws:s3:::acme-files-copy' },
      { destination: 'arn:aws:s3:::whole' },
      { destination: 'acme-files-copy', mirror: true },
    ]),
    evidence('file-copy-sample', TENANT_STORE, [
      { ...sample, missing: 1 },
      { ...sample, sizeDiffers: 2, checksumDiffers: 1 },
      { ...sample, location: 'whole' },
      { ...sample, method: 'mirror', missing: 9 },
    ]),
  ];
  tellLostInReplicas({ evidence: records }, TENANT_STORE.key);
  const [told] = records;
  const lost = told?.kind === 'store-replica' ? told.items.map((item) => item.lost) : [];
  expect(lost).toEqual([{ expected: 80, missing: 1, differs: 3 }, undefined, undefined]);
});
