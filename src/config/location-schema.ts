import { z } from 'zod';
import { failureDomainSchema } from '../model/policy.ts';
import { OTHER_COPY_PURPOSES, otherCopySettings } from './other-copies.ts';
import {
  keptInSchema,
  keyHolderSchema,
  name,
  path,
  s3Access,
  secretReference,
  serviceAddress,
} from './schema-parts.ts';

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
    /** Directory at or above it where a file system must be mounted: without one nothing can be seen of it. */
    mountPoint: path.optional(),
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
    endpoint: serviceAddress().optional(),
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
