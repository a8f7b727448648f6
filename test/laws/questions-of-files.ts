import { HOST, ORGANIZATION, TENANT_STORE } from '../evaluate/fixture.ts';
import { AGES, questioner, type Variants } from './question.ts';

const { made, ask } = questioner();

ask(
  ORGANIZATION,
  'storage-binding',
  {},
  {
    kind: ['bundled', 'local_filesystem_dedicated', 'tape'],
    state: ['inactive'],
    prefix: ['acme/'],
    bindingId: ['binding-old'],
  },
  [1, 2],
  true,
);
ask(ORGANIZATION, 'store-overlap', {}, { relation: ['inside', 'around'] }, [0, 2]);
ask(
  TENANT_STORE,
  'store-state',
  {},
  { kind: ['bundled', 'local_filesystem_dedicated'], exists: [false], empty: [true] },
);
ask(TENANT_STORE, 'store-versioning', {}, { state: ['off', 'suspended'] });
ask(TENANT_STORE, 'store-object-lock', {}, { enabled: [false] });
ask(TENANT_STORE, 'store-replication', {}, { enabled: [false], prefix: ['acme/', 'logs/'] }, [0, 2]);
const FILE_COPIES: Variants<'file-copy'> = {
  location: ['dumps', 'local'],
  moment: AGES,
  complete: [false],
  present: [false],
  files: [1, 5],
  bytes: [0, 90],
  digest: [null, 'digest-2'],
};
ask(TENANT_STORE, 'file-copy', {}, FILE_COPIES, [0, 3]);
const DIRECTORY = '/var/lib/novantra/onprem';
ask(
  HOST,
  'host-file',
  {},
  {
    role: ['state-directory'],
    path: [DIRECTORY],
    exists: [false],
    digest: [null],
    mode: [null, '0644', '0750'],
    files: [0, 3],
    modifiedAt: [null, ...AGES],
    digestOfModes: ['modes-1', 'modes-2'],
  },
  [1, 3],
  false,
  [{}, { role: 'state-directory', path: DIRECTORY, digest: 'digest-3', files: 3 }],
);
const BOOTSTRAP = { sourcePath: '/etc/novantra/bootstrap.env', digest: 'digest-1' };
ask(
  HOST,
  'file-copy',
  BOOTSTRAP,
  { ...FILE_COPIES, digest: [null, 'digest-2', 'digest-3'], sourcePath: ['/tmp/x', DIRECTORY] },
  [0, 3],
  false,
  [{}, { sourcePath: DIRECTORY, digest: 'digest-3' }],
);

ask(HOST, 'host-system', {}, { family: [null, 'debian'], version: [null] });
ask(
  HOST,
  'installer-package',
  {},
  {
    location: ['sets', 'local'],
    version: ['4.2.0'],
    profile: ['no-training'],
    kind: ['msi'],
    bytes: [0],
    sha256: [null],
    checksumAgrees: [null, false],
    formatAgrees: [false],
  },
  [0, 3],
);

/** What is asked about stores and the host. */
export const FILE_QUESTIONS = made;
