import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { DEFAULT_FACTS } from '../evaluate/default-facts.ts';
import { hoursAgo, PROVIDER, SNAPSHOT_AGES, SNAPSHOTS } from './generated-estate.ts';
import { dataset, type Maker, told, UNREACHABLE } from './generated-maker.ts';

/** A keyring with its key's versions, in the provider, in its snapshots and in the tenant database. */
export function keyEvidence(made: Maker): readonly AnyEvidence[] {
  const { organization, keyring, trouble, random } = made;
  const keyRef = `tenant-${made.index}`;
  const versions = 1 + random.whole(5);
  const row: Facts['keyring'] = {
    ...DEFAULT_FACTS.keyring,
    keyringId: keyring.key,
    keyRef,
    currentVersion: versions,
    rotatedAt: versionCreatedAt(versions, versions),
  };
  const missing = trouble === 'missing key';
  return [
    told(made, 'keyring', organization, dataset('keyrings'), [row]),
    told(made, 'keyring', keyring, dataset('keyrings'), [row]),
    told(
      made,
      'key-state',
      keyring,
      [`provider ${PROVIDER}`, 'read key', 'https://vault-1:8200/v1/transit'],
      [
        missing
          ? {
              ...DEFAULT_FACTS['key-state'],
              state: 'missing',
              latestVersion: null,
              minDecryptionVersion: null,
              versions: null,
            }
          : {
              ...DEFAULT_FACTS['key-state'],
              latestVersion: versions,
              versions: Array.from({ length: versions }, (_, at) => ({
                version: at + 1,
                createdAt: versionCreatedAt(at + 1, versions),
              })),
            },
      ],
    ),
    told(
      made,
      'key-settings',
      keyring,
      [`provider ${PROVIDER}`, 'read key', 'https://vault-1:8200/v1/transit'],
      missing ? [] : [DEFAULT_FACTS['key-settings']],
    ),
    told(
      made,
      'snapshot-key',
      keyring,
      [`location ${SNAPSHOTS}`, 'storage paths of every snapshot', '/backup/vault'],
      SNAPSHOT_AGES.map(({ path, hours }) => ({
        location: SNAPSHOTS,
        path,
        takenAt: hoursAgo(hours),
        present: !missing,
      })),
    ),
    told(
      made,
      'key-version',
      organization,
      ['server db1:5432', 'dataset key_versions', `db1:5432/${made.database.name}`],
      trouble === 'unreachable database'
        ? []
        : Array.from({ length: versions }, (_, at) => ({
            keyRef,
            version: at + 1,
            state: at + 1 === versions ? ('active' as const) : ('retired' as const),
            createdAt: versionCreatedAt(at + 1, versions),
            retiredAt: at + 1 === versions ? null : versionCreatedAt(at + 2, versions),
          })),
      trouble === 'unreachable database' ? UNREACHABLE : null,
    ),
  ];
}

function versionCreatedAt(version: number, newest: number): string {
  return hoursAgo(24 * (20 + 60 * (newest - version)));
}
