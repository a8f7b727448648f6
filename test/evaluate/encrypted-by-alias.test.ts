import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/model/facts.ts';
import { type CustodyCase, held, judgeDependence, judgeRecoverable } from './custody-case.ts';
import { judgeRecovery } from './recovery-case.ts';

const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234';
const NO_VERSIONS = { latestVersion: null, minDecryptionVersion: null, minAvailableVersion: null, versions: null };
const MADE = '2025-02-01T09:04:00.000Z';
/** The copies were written at 02:10 and later. */
const AFTER = '2026-11-22T03:00:00.000Z';

describe.each(['alias/files', 'arn:aws:kms:eu-central-1:111122223333:alias/files'])(
  'a location encrypted by %s',
  (name) => {
    const seen = (key: Partial<Facts['key-state']>): CustodyCase => ({
      second: { kind: 'aws-kms', mounts: null, sealType: null },
      secondDomain: { host: null, account: '111122223333', region: 'eu-central-1', origin: 'observed' },
      secondSnapshots: [],
      // The copies alone lean on it: the Vault of their keys outlives the loss.
      providerDomain: [{ host: 'far-away' }],
      opens: { dumps: [held('encryption-key', [{ kind: 'provider', name: 'vault-2', key: name }])] },
      keys: {
        'vault-2': [{ ...NO_VERSIONS, keyRef: name, identity: ARN, createdAt: MADE, origin: 'AWS_KMS', ...key }],
      },
    });
    const both = (key: Partial<Facts['key-state']>) => [judgeRecoverable(seen(key)), judgeDependence(seen(key))];

    it('opens by the key that the alias points to, which is named where it is gone', () => {
      for (const finding of both({ aliasSetAt: MADE })) expect(finding.status).toBe('pass');
      for (const finding of both({ aliasSetAt: MADE, canDecrypt: false })) {
        expect(finding.status).toBe('fail');
        expect(finding.because).toContain(`key ${name} of vault-2 (${ARN}) cannot decrypt`);
      }
    });

    it('may need another key where the alias was pointed anew since', () => {
      for (const finding of both({ aliasSetAt: AFTER })) {
        expect(finding.status).toBe('unknown');
        expect(finding.because).toContain(
          `what lies in dumps from before 2026-11-22 03:00 UTC may need another key than the one to which key ${name} of vault-2`,
        );
      }
      const copies = [{}, { path: 'later.dump', modifiedAt: '2026-11-22T04:00:00.000Z' }];
      expect(judgeRecoverable({ ...seen({ aliasSetAt: AFTER }), copies, installCopies: copies }).status).toBe('pass');
    });

    it('may need another key where it is not told since when the alias points to it', () => {
      for (const aliasSetAt of [null, undefined]) {
        const key = aliasSetAt === undefined ? {} : { aliasSetAt };
        for (const finding of both(key)) {
          expect(finding.status).toBe('unknown');
          expect(finding.because).toContain(`key ${name} of vault-2 is an alias, and since when it points to ${ARN}`);
          expect(finding.because).toContain('state the key by its ARN');
        }
      }
    });

    it('is not known to be lost with an alias that points nowhere', () => {
      for (const finding of both({ state: 'missing', identity: null, createdAt: null, canDecrypt: false })) {
        expect(finding.status).toBe('unknown');
        expect(finding.because).toContain(`key ${name} of vault-2 is an alias that points to no key`);
      }
    });
  },
);

it('files of a bucket are not lost with an alias that points nowhere', () => {
  const holder = { kind: 'provider', name: 'kms-1', key: 'alias/files', account: null, region: null } as const;
  const judged = (keyRef: string) =>
    judgeRecovery({
      storeDomain: [{ host: 'far-away' }],
      fileCopies: [],
      keysOfStore: [{ needs: [{ what: 'encryption-key', heldBy: [{ ...holder, key: keyRef }], origin: 'stated' }] }],
      statesOfStoreKeys: [{ ...NO_VERSIONS, keyRef, state: 'missing', identity: null }],
    }).broken;
  expect(judged(ARN)).toMatchObject({ files: 'fails' });
  expect(judged('alias/files')).not.toMatchObject({ files: 'fails' });
});
