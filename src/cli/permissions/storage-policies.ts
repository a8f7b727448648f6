import { dirname } from 'node:path';
import { awsBackupsReadPolicy } from '../../collect/backups/physical/aws/aws-operations.ts';
import { VENDOR_QUESTIONS } from '../../collect/backups/repositories/vendor-questions.ts';
import { OFTEN_UNKNOWN, s3ReadPolicy } from '../../collect/trees/s3-operations.ts';
import type { LocationConfig } from '../../config/location-schema.ts';
import type { Config } from '../../config/schema.ts';
import { isAmazon } from '../../model/s3-service.ts';
import { oneLine } from '../terminal-text.ts';
import type { SourcePolicy } from './policy-text.ts';
import { quotedWord } from './shell-word.ts';

/** Rights on directories and buckets of copies, on buckets of live files, and on the install host's own files. */
export function storagePolicies(config: Config): readonly SourcePolicy[] {
  const rows = config.collect.keyVersionsInCopies.read ? ROWS_READ : [];
  const policies = config.locations.map((location) => {
    const policy = locationPolicy(location);
    const isRead = location.purposes.some((purpose) => purpose === 'dumps');
    return isRead ? { ...policy, heading: [...policy.heading, ...rows] } : policy;
  });
  return [...policies, ...config.stores.s3.map(storePolicy), hostAccess(config)];
}

/** Where collect.keyVersionsInCopies asks for it. */
const ROWS_READ = [
  'With the same right the rows of one table inside each dump are read: the key versions, as copies in the mapping names it.',
];

function storePolicy({ bucket, endpoint, region }: Config['stores']['s3'][number]): SourcePolicy {
  const isOfAmazon = isAmazon({ endpoint: endpoint ?? null, region });
  return {
    source: bucket,
    kind: 'store',
    language: 'json',
    heading: [
      `source ${oneLine(bucket)}: live bucket${at(endpoint)}, an IAM policy for the user of its access key`,
      ...(isOfAmazon
        ? []
        : [`Add ${OFTEN_UNKNOWN.join(' and ')} on the bucket where the service knows them; MinIO does not.`]),
    ],
    policy: s3ReadPolicy(bucket, '', isOfAmazon ? 'live' : 'live-elsewhere'),
  };
}

function locationPolicy(location: LocationConfig): SourcePolicy {
  const source = { source: location.name, kind: 'location' } as const;
  if (location.kind === 's3') {
    return {
      ...source,
      language: 'json',
      heading: [
        `source ${location.name}: bucket ${oneLine(location.bucket)}${at(location.endpoint)}, an IAM policy for the user of its access key`,
      ],
      policy: s3ReadPolicy(location.bucket, location.prefix, 'copies'),
    };
  }
  if (location.kind === 'aws') {
    const volumes = location.volumes.length > 0;
    return {
      ...source,
      language: 'json',
      heading: [
        `source ${location.name}: RDS, AWS Backup${volumes ? ' and EBS' : ''} in ${oneLine(location.region)}${at(location.endpoint)}, an IAM policy for the user of its access key`,
      ],
      policy: awsBackupsReadPolicy({ volumes }),
    };
  }
  return {
    ...source,
    language: 'sh',
    heading: [
      `source ${location.name}: list directories and read files below ${oneLine(location.path)}`,
      'The second line gives the same for what is written there later. recoverage stands for the user of the audit.',
      ...programsRun(location),
    ],
    policy: [
      `setfacl -R -m u:recoverage:rX ${quotedWord(location.path)}`,
      `find ${quotedWord(location.path)} -type d -exec setfacl -d -m u:recoverage:rX {} +`,
      '',
    ].join('\n'),
  };
}

/** What the audit's user runs, in the repositories of a program: these arguments and no others. */
function programsRun({ purposes }: LocationConfig): readonly string[] {
  const run = Object.values(VENDOR_QUESTIONS).filter(
    (one) => purposes.includes(one.program) && (one.onlyFor === null || purposes.includes('files')),
  );
  return run.map((one) => `It runs ${one.program} ${one.arguments}: ${one.purpose}.`);
}

/** What is looked at on the install host. */
function hostAccess({ install, stores }: Config): SourcePolicy {
  const files = [
    `setfacl -m u:recoverage:rx ${quotedWord(dirname(install.bootstrapFile))}`,
    `setfacl -m u:recoverage:r ${quotedWord(install.bootstrapFile)}`,
    `setfacl -m u:recoverage:x ${quotedWord(dirname(install.stateDirectory))}`,
    `setfacl -R -m u:recoverage:rX ${quotedWord(install.stateDirectory)}`,
    `find ${quotedWord(install.stateDirectory)} -type d -exec setfacl -d -m u:recoverage:rX {} +`,
  ];
  for (const path of [install.licenseFile, ...install.addresses.map(({ certificateFile }) => certificateFile)]) {
    if (path === undefined) continue;
    files.push(
      `setfacl -m u:recoverage:x ${quotedWord(dirname(path))}`,
      `setfacl -m u:recoverage:r ${quotedWord(path)}`,
    );
  }
  const [bundled] = stores.default === 'none' ? [] : stores.default.path.split('{organizationId}');
  const directory = bundled === undefined ? null : quotedWord(bundled.replace(/(?<=.)\/+$/, ''));
  const storage =
    directory === null
      ? []
      : [
          `find ${directory} -type d -exec setfacl -m u:recoverage:rx {} +`,
          `find ${directory} -type d -exec setfacl -d -m u:recoverage:rx {} +`,
        ];
  return {
    source: 'host',
    kind: 'host',
    language: 'sh',
    heading: [
      `source host: files of the install host ${oneLine(install.host)}, to be run there${install.collectorRunsHere ? '' : ' for the user of collect --plan'}`,
      'The bootstrap file and the files of the state directory are read for keyed digests, and for nothing else.',
      ...(install.licenseFile === undefined &&
      install.addresses.every(({ certificateFile }) => certificateFile === undefined)
        ? []
        : [
            'License and certificate files are read for their validity besides; keep private keys in files of their own.',
          ]),
      ...(storage.length === 0
        ? []
        : [
            "Of each organization's directory it is asked whether it is there and empty, and of some files in it their size; to",
            'compare checksums (collect.fileSample.checksums) it reads them, which takes the right to. Dedicated directories need the same.',
          ]),
    ],
    policy: `${[...files, ...storage].join('\n')}\n`,
  };
}

function at(endpoint: string | undefined): string {
  return endpoint === undefined ? '' : ` at ${oneLine(endpoint)}`;
}
