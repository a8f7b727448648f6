import { expect, it } from 'vitest';
import type { Facts } from '../../src/model/facts.ts';
import { type CustodyCase, held, judgeDependence, judgeRecoverable } from './custody-case.ts';

type Holder = Parameters<typeof held>[1][number];
const ARN = 'arn:aws:kms:eu-central-1:999999999999:key/1';
const SERVICE: Holder = { kind: 'service', name: 'AWS KMS', key: ARN, account: '999999999999', region: 'eu-central-1' };

/** Files in a bucket that outlives the loss, of which there is no copy. */
const bucket = (heldBy: readonly Holder[], key?: Partial<Facts['key-state']>): CustodyCase => ({
  storeDomain: [{ host: null, account: '111122223333', region: 'eu-central-1' }],
  fileCopies: [],
  keysOfStore: [{ needs: [held('encryption-key', heldBy, 'observed')] }],
  ...(key === undefined ? {} : { statesOfStoreKeys: [key] }),
  secondDomain: { host: 'far-away' },
});
const both = (seen: CustodyCase) => [judgeRecoverable(seen).status, judgeDependence(seen).status];

it('files are not known to be there where nobody could be asked about their key', () => {
  const seen = bucket([SERVICE]);
  expect(both(seen)).toEqual(['unknown', 'unknown']);
  for (const { because } of [judgeRecoverable(seen), judgeDependence(seen)]) {
    expect(because).toContain(
      `the files are encrypted with key ${ARN} of AWS KMS, and nobody asked whether it is there: add a provider of kind aws-kms of account 999999999999`,
    );
  }
  expect(both(bucket([{ ...SERVICE, key: 'alias/files', account: null }]))).toEqual(['unknown', 'unknown']);
  expect(both(bucket([{ kind: 'provider', name: 'vault-2', key: 'files' }]))).toEqual(['unknown', 'unknown']);
});

it('nor where a key is named by an alias that does not tell since when it points to it', () => {
  const alias = { kind: 'provider', name: 'vault-2', key: 'alias/files' } as const;
  const seen = bucket([alias], { keyRef: 'alias/files', identity: ARN, versions: null, createdAt: null });
  expect(both(seen)).toEqual(['unknown', 'unknown']);
});

it('are told as such where a copy of them is there', () => {
  expect(both({ ...bucket([SERVICE]), fileCopies: [{}] })).toEqual(['pass', 'pass']);
});

it('whose key nobody tells of leave REC-1 as it is, and are asked for by REC-5', () => {
  expect(both(bucket([]))).toEqual(['pass', 'unknown']);
  expect(judgeDependence(bucket([])).because).toContain('state encryptedBy of the bucket in the configuration');
});

it('come back with a key that is there, may be enabled again, or is stated to be outside', () => {
  const named = { kind: 'provider', name: 'vault-2', key: 'files' } as const;
  expect(both(bucket([named], { keyRef: 'files' }))).toEqual(['pass', 'pass']);
  expect(both(bucket([named], { keyRef: 'files', state: 'disabled' }))).toEqual(['pass', 'pass']);
  expect(both(bucket([{ kind: 'outside', name: 'data centre' }]))).toEqual(['pass', 'pass']);
});
