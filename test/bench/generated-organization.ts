import type { OrganizationPart } from '../../src/model/bundle.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { DEFAULT_FACTS } from '../evaluate/default-facts.ts';
import { databaseEvidence, setAge } from './generated-database.ts';
import {
  askerAt,
  BACKUP_SETS,
  CLUSTER,
  hoursAgo,
  organizationId,
  PROVIDER,
  restoreTest,
  subject,
  TESTED_EVERY,
} from './generated-estate.ts';
import { keyEvidence } from './generated-keys.ts';
import { dataset, FILE_COPIES, type Maker, told, troubleOf, UNREACHABLE } from './generated-maker.ts';
import { seededRandom } from './random.ts';

/** The part of one organization as a collection writes it: some 25 kB, the same for the same index and seed. */
export function generatedOrganization(index: number, seed: number): OrganizationPart {
  const random = seededRandom(seed * 1_000_003 + index);
  const id = organizationId(index);
  const slug = `tenant-${index}`;
  const organization = subject('organization', id, id, `Tenant ${index} of Examples, Ltd.`);
  const made: Maker = {
    index,
    organization,
    database: subject('database', `${id}/tenant_${index}`, id, `tenant_${index}`),
    keyring: subject('keyring', `keyring-${index}`, id),
    store: subject('store', `binding-${index}`, id),
    trouble: troubleOf(random),
    random,
    asker: askerAt(hoursAgo(random.whole(50) / 60)),
  };
  return {
    type: 'organization',
    organizationId: id,
    subjects: [
      { subject: organization },
      { subject: made.database, cluster: CLUSTER },
      { subject: made.store },
      { subject: made.keyring, provider: PROVIDER },
    ],
    evidence: [...rowEvidence(made, slug), ...storeEvidence(made), ...keyEvidence(made), ...databaseEvidence(made)],
  };
}

function rowEvidence(made: Maker, slug: string): readonly AnyEvidence[] {
  const { organization, index } = made;
  const createdAt = hoursAgo(24 * (100 + (index % 300)));
  return [
    told(made, 'organization', organization, dataset('organizations'), [
      {
        ...DEFAULT_FACTS.organization,
        organizationId: organization.key,
        slug,
        name: organization.name,
        createdAt,
      },
    ]),
    told(made, 'tenant-database', organization, dataset('tenant_databases'), [
      { host: 'db1', port: 5432, databaseName: made.database.name, schemaName: 'novantra', createdAt },
    ]),
    told(made, 'backup-plan', organization, dataset('backup_plans'), []),
    told(
      made,
      'restore-test',
      organization,
      dataset('restore_validations'),
      index % TESTED_EVERY === 0 ? [restoreTest(index)] : [],
    ),
  ];
}

function storeEvidence(made: Maker): readonly AnyEvidence[] {
  const { organization, store, index } = made;
  const path = `/srv/files/${organization.key}`;
  const binding: Facts['storage-binding'] = {
    ...DEFAULT_FACTS['storage-binding'],
    bindingId: store.key,
    kind: 'local_filesystem_dedicated',
    bucket: null,
    region: null,
    path,
  };
  return [
    told(made, 'storage-binding', organization, dataset('storage_bindings'), [binding]),
    told(made, 'storage-binding', store, dataset('storage_bindings'), [binding]),
    told(made, 'failure-domain', store, ['configuration', 'failureDomain', 'configuration file'], []),
    told(
      made,
      'failure-domain',
      store,
      ['file system', 'device of the path', path],
      [{ host: 'install-1', site: null, account: null, region: null, origin: 'observed' }],
    ),
    told(
      made,
      'store-state',
      store,
      ['install host', 'stat', path],
      [{ kind: binding.kind, exists: true, detail: 'a directory with files' }],
    ),
    told(
      made,
      'file-copy',
      store,
      [`location ${BACKUP_SETS}`, `list copies of ${path}`, '/backup/sets'],
      Array.from({ length: FILE_COPIES }, (_, day) => ({
        location: BACKUP_SETS,
        copy: hoursAgo(setAge(day)).slice(0, 10),
        moment: hoursAgo(setAge(day)),
        complete: true,
        because: 'its completion marker is there',
        sourcePath: path,
        present: index % 200 !== 7 || day > 2,
        digest: null,
      })),
    ),
    told(
      made,
      'file-sample',
      store,
      ['tenant database and store', 'look for drawn rows', path],
      made.trouble === 'unreachable database' ? [] : [DEFAULT_FACTS['file-sample']],
      made.trouble === 'unreachable database' ? UNREACHABLE : null,
    ),
    told(
      made,
      'file-copy-sample',
      store,
      ['tenant database and backup set', 'look for drawn rows in the copy', path],
      made.trouble === 'unreachable database' ? [] : [DEFAULT_FACTS['file-copy-sample']],
      made.trouble === 'unreachable database' ? UNREACHABLE : null,
    ),
  ];
}
