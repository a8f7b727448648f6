import { z } from 'zod';
import { exclusionSchema, failureDomainSchema, lossSchema, policySchema } from '../model/policy.ts';
import { PKCS11_WRAPPINGS } from '../model/wrapping.ts';
import { azureProviderSchema } from './azure-provider.ts';
import { OTHER_COPY_PURPOSES, otherCopySettings } from './other-copies.ts';
import { name, path, secretReference, serverHost } from './schema-parts.ts';

/** What the configuration file may say. Every object is strict: a misspelt key is a mistake, never ignored. */

const tls = {
  /** `verify-full` checks certificate and host name; `disable` sends the password and data unprotected. */
  tls: z.enum(['verify-full', 'disable']).default('verify-full'),
  caFile: path.optional(),
};

const serverAccess = {
  host: serverHost,
  port: z.number().int().min(1).max(65535).default(5432),
  user: z.string().min(1),
  password: secretReference.optional(),
  ...tls,
  failureDomain: failureDomainSchema.optional(),
  /**
   * System identifiers the cluster had before pg_upgrade, each with the date of the upgrade: copies from before it
   * bear them.
   */
  formerSystemIdentifiers: z
    .array(
      z.strictObject({
        systemIdentifier: z.string().regex(/^\d{1,20}$/, { error: 'a system identifier in quotes, as digits' }),
        until: z.iso.date(),
      }),
    )
    .optional(),
  /** Names of databases on it that are of other applications, so that they are no orphans of this install. */
  otherDatabases: z.array(z.string().min(1)).optional(),
};

const s3Access = {
  region: z.string().min(1).default('us-east-1'),
  endpoint: z.url().optional(),
  forcePathStyle: z.boolean().default(false),
  accessKeyId: secretReference,
  secretAccessKey: secretReference,
  sessionToken: secretReference.optional(),
  /** True where the bucket's owner lets those who ask pay for it. */
  requesterPays: z.boolean().default(false),
  caFile: path.optional(),
};

/** How a location of file copies is laid out. */
const fileCopiesSchema = z.strictObject({
  /**
   * `dated`: a directory for each copy, by its time. `archives`: a tar archive for each copy, bare or compressed, by its
   * time. `mirror`: one directory that is kept like its source, whose completion marker tells when. Not for purposes
   * restic and borg, whose snapshots tell all of this.
   */
  layout: z.enum(['dated', 'archives', 'mirror']).default('dated'),
  /**
   * The name of a copy's directory: `YYYY MM DD HH mm ss` stand for digits, everything else for itself, a final `Z`
   * for UTC. Without `Z` the location's timeZone applies.
   */
  timeFormat: z.string().min(4).default('YYYY-MM-DDTHH-mm-ssZ'),
  /** File in the copy's directory that is written last. Without one a copy counts once a newer one exists. */
  completionMarker: z.string().min(1).optional(),
  /** Directory of the source host that the copy's root stands for. */
  sourceRoot: path.default('/'),
});

/** A place that no loss of the install reaches, in words. */
const outside = z.string().regex(/\S/, { error: 'a text that says something' });

/** Who holds a key. */
const keyHolderSchema = z.union([
  z.strictObject({ provider: z.string().min(1), key: z.string().min(1).optional() }),
  z.strictObject({ outside, key: z.string().min(1).optional() }),
]);

/** Where a passphrase is kept: each place is enough by itself. */
const keptInSchema = z.union([
  z.strictObject({ provider: z.string().min(1) }),
  z.strictObject({ location: name }),
  z.strictObject({ host: z.string().min(1) }),
  z.strictObject({ outside }),
]);

const locationCommon = {
  name,
  /** The key that what lies here is encrypted with, and the provider that holds it. */
  encryptedBy: keyHolderSchema.optional(),
  /** Where the passphrase is kept without which nothing here can be opened. */
  passphraseKeptIn: z.array(keptInSchema).min(1).optional(),
  purposes: z
    .array(
      z.enum([
        'dumps',
        'base-backups',
        'pgbackrest',
        'barman',
        'wal-g',
        'managed-backups',
        ...OTHER_COPY_PURPOSES,
        'vault-snapshots',
        'files',
        'installers',
      ]),
    )
    .min(1),
  /** Time zone of dump headers and of dated directories, e.g. Europe/Berlin. Default: the plan's. */
  timeZone: z.string().optional(),
  failureDomain: failureDomainSchema.optional(),
  /** Names of the servers whose databases lie here. Default: all. */
  servers: z.array(name).optional(),
  files: fileCopiesSchema.optional(),
  /** Of copies of the directory in which Vault's `file` storage lies. */
  vaultFiles: z
    .strictObject({
      /** Stated: each copy was made while Vault was stopped, so that all its files are of one moment. */
      copiedWhileStopped: z.boolean().default(false),
    })
    .optional(),
  pgbackrest: z
    .strictObject({
      /** repo-cipher-pass of an encrypted repository; without it the copies are known by name only. */
      passphrase: secretReference.optional(),
      /** File in the location with the output of `pgbackrest info --output=json`, in place of the repository itself. */
      info: path.optional(),
    })
    .optional(),
  ...otherCopySettings,
};

/** Of a directory, which may be mounted from elsewhere or look as if it were not. */
const directoryDomainSchema = failureDomainSchema.extend({
  /**
   * How storage that looks like a disk of the install host stands elsewhere all the same, such as an iSCSI LUN. Without it
   * a path on a disk of that host contradicts another host that is stated, and nothing is known.
   */
  attachedAs: z.string().regex(/\S/, { error: 'a text that says something' }).optional(),
});

export const locationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('directory'),
    path,
    ...locationCommon,
    failureDomain: directoryDomainSchema.optional(),
    /** Name of the only host on which it can be read: it is then read there by a plan, and joined with scan --with. */
    reachableFrom: z.string().regex(/\S/, { error: 'the name of a host' }).optional(),
  }),
  z.strictObject({
    kind: z.literal('s3'),
    bucket: z.string().min(3),
    prefix: z.string().default(''),
    ...s3Access,
    ...locationCommon,
  }),
  /** What RDS, AWS Backup and EBS keep in one account and region. */
  z.strictObject({
    kind: z.literal('aws'),
    region: z.string().min(1),
    endpoint: z.url().optional(),
    accessKeyId: secretReference,
    secretAccessKey: secretReference,
    sessionToken: secretReference.optional(),
    /** Names of vaults of AWS Backup. Default: all. */
    backupVaults: z.array(z.string().min(1)).optional(),
    /** Volumes on which servers keep their data; their EBS snapshots are looked for. */
    volumes: z
      .array(
        z.strictObject({
          server: name,
          volumeIds: z.array(z.string().regex(/^vol-[0-9a-f]{8,17}$/, { error: 'the id of a volume, vol-…' })).min(1),
          /** Stated: the snapshots of all volumes are taken as of one moment. A single volume needs no statement. */
          atomic: z.boolean().default(false),
        }),
      )
      .default([]),
    ...locationCommon,
  }),
]);
export type LocationConfig = Readonly<z.infer<typeof locationSchema>>;

/** How a token of an HSM is reached, and which one is meant: by label, by serial number, or by both. */
const tokenAccess = {
  /** The vendor's PKCS#11 module. */
  module: path,
  tokenLabel: z.string().min(1).max(32).optional(),
  tokenSerial: z.string().min(1).max(16).optional(),
  /** Of the user of the token, never of the security officer. */
  pin: secretReference,
  /** What the module finds its own configuration by. It sees nothing else of the environment, and no secret of the audit. */
  environment: z
    .record(
      z.string().regex(/^(?!NODE_)[A-Za-z_][A-Za-z0-9_]*$/, {
        error: 'the name of an environment variable, other than those of Node.js',
      }),
      z.string(),
    )
    .default({}),
};
const peerSchema = z.strictObject({ ...tokenAccess, failureDomain: failureDomainSchema.optional() });
export type Pkcs11AccessConfig = Readonly<z.infer<typeof peerSchema>>;

const providerCommon = {
  id: z.string().min(1),
  failureDomain: failureDomainSchema.optional(),
  /** Name of the only host that can reach it: it is then asked there by a plan, and its answers joined with scan --with. */
  reachableFrom: z.string().regex(/\S/, { error: 'the name of a host' }).optional(),
};

/** How to log in to Vault, in place of a token. What the login is made with is referred to. */
const vaultLoginSchema = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('approle'),
    mount: z.string().min(1).default('approle'),
    roleId: secretReference,
    /** Not needed where the role binds addresses in its place. */
    secretId: secretReference.optional(),
  }),
  z.strictObject({
    method: z.literal('jwt'),
    mount: z.string().min(1).default('jwt'),
    role: z.string().min(1).optional(),
    jwt: secretReference,
  }),
  z.strictObject({
    method: z.literal('kubernetes'),
    mount: z.string().min(1).default('kubernetes'),
    role: z.string().min(1),
    jwt: secretReference.default('file:/var/run/secrets/kubernetes.io/serviceaccount/token'),
  }),
]);
export type VaultLoginConfig = Readonly<z.infer<typeof vaultLoginSchema>>;

export const providerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('vault-transit'),
    ...providerCommon,
    address: z.url({ protocol: /^https?$/ }),
    namespace: z.string().optional(),
    /** Path of the transit secrets engine. */
    mount: z.string().min(1).default('transit'),
    /** One of token and login. */
    token: secretReference.optional(),
    login: vaultLoginSchema.optional(),
    /** Addresses of other nodes of the same cluster: a standby may send a request on to these, with its token. */
    nodes: z.array(z.url({ protocol: /^https?$/ })).default([]),
    caFile: path.optional(),
    /** Names of locations that hold snapshots of this Vault. */
    snapshots: z.array(name).default([]),
    /** Names of schedules of automated snapshots (Vault Enterprise) whose status is asked for. */
    automatedSnapshots: z
      .array(
        z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, { error: 'the name of a schedule of automated snapshots' }),
      )
      .default([]),
    /** Of a Vault that unseals itself: the key it does so with, and the provider that holds it. Vault tells neither. */
    seal: keyHolderSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('aws-kms'),
    ...providerCommon,
    region: z.string().min(1),
    endpoint: z.url().optional(),
    accessKeyId: secretReference,
    secretAccessKey: secretReference,
    sessionToken: secretReference.optional(),
  }),
  z.strictObject({
    kind: z.literal('pkcs11'),
    ...providerCommon,
    ...tokenAccess,
    /** How samples were wrapped that do not tell it themselves. Looked at with --prove-keys only. */
    wrapping: z.enum(PKCS11_WRAPPINGS).optional(),
    /** A token that is said to hold the same keys, such as the second HSM of a pair. It is asked, too. */
    peer: peerSchema.optional(),
  }),
  azureProviderSchema,
]);
export type ProviderConfig = Readonly<z.infer<typeof providerSchema>>;

const storesSchema = z.strictObject({
  /** Binding of an organization without a row; `none` makes a missing row a gap. */
  default: z
    .union([
      z.literal('none'),
      z.strictObject({
        kind: z.literal('bundled'),
        /** Directory; `{organizationId}` stands for the organization's id. */
        path,
      }),
    ])
    .default('none'),
  /** Credentials for buckets that bindings name; the first entry whose bucket (and endpoint, where stated) agrees is used. */
  s3: z
    .array(
      z.strictObject({
        bucket: z.string().min(1),
        ...s3Access,
        failureDomain: failureDomainSchema.optional(),
        /** Names of locations that hold copies of this bucket's objects. */
        copies: z.array(name).default([]),
        /** Buckets of this list that something keeps like this one, under the same keys, other than rules of its own. */
        mirrors: z.array(z.string().min(1)).default([]),
      }),
    )
    .default([]),
});

/** An address of the install. Nothing is sent to it but what a TLS handshake takes. */
const addressSchema = z.strictObject({
  url: z
    .url({ protocol: /^https$/ })
    // A URL with its sign-in holds a password, and what is printed would show it.
    .regex(/^[^@]*$/, { error: 'an address without user and password' }),
  /** Its certificate on the install host, in PEM. Without one, or where nobody could read it, the address is asked to show it. */
  certificateFile: path.optional(),
  caFile: path.optional(),
});

const policyFields = policySchema.omit({ loss: true, exclusions: true, proveKeys: true });

export const configSchema = z.strictObject({
  version: z.literal(1),
  install: z.strictObject({
    /** Name of the install host, as failure domains state it. */
    host: z.string().min(1),
    /** True where the collector runs on the install host, so that its files can be read. */
    collectorRunsHere: z.boolean().default(true),
    database: z.strictObject({ name: z.string().min(1), ...serverAccess }),
    /** Mapping file; default: the shipped reference mapping. */
    mapping: path.optional(),
    bootstrapFile: path.default('/etc/novantra/bootstrap.env'),
    stateDirectory: path.default('/var/lib/novantra/onprem'),
    /** The runbook for the recovery, as a text file. It is searched for the names of providers and locations in use. */
    runbook: path.optional(),
    /** The file on the install host that holds the license. */
    licenseFile: path.optional(),
    /** Where people reach the install. */
    addresses: z.array(addressSchema).default([]),
  }),
  /** Servers of tenant databases. A tenant row without host uses the install database's server. */
  servers: z
    .array(z.strictObject({ name, maintenanceDatabase: z.string().min(1).default('postgres'), ...serverAccess }))
    .default([]),
  locations: z.array(locationSchema).default([]),
  providers: z.array(providerSchema).default([]),
  stores: storesSchema.default({ default: 'none', s3: [] }),
  /** Plans kept outside the product, of grade declared. */
  plans: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        covers: z.enum(['install-database', 'tenant-database', 'cluster', 'all']),
        /** Names of the servers whose databases it covers. Default: all. */
        servers: z.array(name).optional(),
        method: z.string().min(1),
        schedule: z.string().optional(),
        timeZone: z.string().optional(),
        retentionDays: z.number().positive().optional(),
      }),
    )
    .default([]),
  loss: lossSchema.optional(),
  policy: policyFields.prefault({}),
  exclusions: z.array(exclusionSchema).default([]),
  /** Attestations file; default: attestations.yaml beside the configuration, where it exists. */
  attestations: path.optional(),
  /**
   * Key of the digests of small secret files, and of the MAC of host bundles. Default: a new one for each run. Needed
   * where several hosts collect.
   */
  digestKey: secretReference.optional(),
  collect: z
    .strictObject({
      concurrency: z.number().int().min(1).max(256).default(16),
      perServer: z.number().int().min(1).max(256).default(16),
      connectTimeoutSeconds: z.number().positive().max(600).default(10),
      statementTimeoutSeconds: z.number().positive().max(3600).default(30),
      lockTimeoutSeconds: z.number().positive().max(600).default(5),
      requestTimeoutSeconds: z.number().positive().max(600).default(20),
      /** How many wrapped samples are unwrapped in one run where that is asked for. */
      proofs: z.number().int().min(1).max(1_000_000).default(10_000),
      /**
       * How much of the copies is read: catalogues, headers and names only; those and, within the budget, the newest
       * copy of each database and cluster in each location in full; every byte of every copy.
       */
      depth: z.enum(['structure', 'mixed', 'full']).default('mixed'),
      /** Also list every store and count the files that no artifact row names. */
      inventory: z.boolean().default(false),
      /** Artifact rows of each organization that are looked for in its store. */
      fileSample: z
        .strictObject({
          /** How many; 59 of which none is missing leave fewer than 5 % missing, with 95 % confidence. 0: none. */
          rows: z.number().int().min(0).max(10_000).default(59),
          /** Same seed, same rows. Default: the day of the run as a number, YYYYMMDD. */
          seed: z.number().int().min(0).max(2_147_483_647).optional(),
          /** Read each file and compare the checksum that its row records, up to 1 GiB a file. */
          checksums: z.boolean().default(false),
          /** Name files that are missing; otherwise a digest under the install's key stands for each name. */
          names: z.boolean().default(false),
        })
        .prefault({}),
      /** How much is read to its end in one run, and where that is remembered. */
      verification: z
        .strictObject({
          /** Default: 30 at depth mixed, none at depth full. */
          minutes: z.number().positive().max(100_000).optional(),
          /** Default: 200 at depth mixed, none at depth full. */
          gibibytes: z.number().positive().max(1_000_000_000).optional(),
          /** With one run a day: within how many days all have had their turn. */
          everyDays: z.number().min(1).max(3660).optional(),
          /** Default: verifications.ndjson beside the directory of the reports. */
          file: path.optional(),
        })
        .prefault({}),
      /** Key-version rows inside dumps of tenant databases, so that KEY-4 knows which versions each of them needs. */
      keyVersionsInCopies: z
        .strictObject({
          /** Read one table of each copy that may count; --read-key-versions asks for it once. */
          read: z.boolean().default(false),
          /** How long and how much one run reads for it, newest copies first; the others go by creation dates. */
          minutes: z.number().positive().max(100_000).default(15),
          gibibytes: z.number().positive().max(1_000_000_000).default(50),
        })
        .prefault({}),
      /** List of the plans that were written for other hosts; default: plans.ndjson beside the directory of the reports. */
      plans: path.optional(),
    })
    .prefault({}),
  report: z
    .strictObject({
      directory: path.default('reports'),
      /** List of the reports that were written; default: reports.ndjson beside the directory of the reports. */
      list: path.optional(),
      formats: z.array(z.enum(['json', 'html', 'pdf', 'csv'])).default(['json', 'html', 'pdf', 'csv']),
      pdfDetail: z.number().int().min(0).default(200),
      htmlPageSize: z.number().int().min(10).default(500),
    })
    .prefault({}),
});
export type Config = Readonly<z.infer<typeof configSchema>>;
export type ServerConfig = Config['servers'][number];
