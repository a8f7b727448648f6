import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LocationConfig } from '../config/location-schema.ts';
import type { BlindSpot } from '../model/evidence.ts';
import { SourceError } from '../model/source-error.ts';
import { type AwsBackupSource, createAwsBackupSource } from './backups/physical/aws/aws-backup-source.ts';
import type { Collection, OpenLocation } from './estate.ts';
import { lookAtLocation } from './hosts/location-mount.ts';
import type { Attachment } from './hosts/mounted-on.ts';
import { hostProbe } from './hosts/probe/host-probe.ts';
import { isOfMount } from './hosts/probe/mount-error.ts';
import { openS3Client } from './open-s3-client.ts';
import { isReachable } from './reachable.ts';
import type { JoinedHosts } from './recorded/joined-hosts.ts';
import { type RecordedLocation, recordedTree } from './recorded/recorded-location.ts';
import { isSameHost } from './recorded/two-looks.ts';
import { localDirectoryTree } from './trees/local-directory.ts';

/** What opening takes of a collection. */
export type LocationAccess = Pick<Collection, 'config' | 'asker' | 'secret'> &
  Partial<Pick<Collection, 'signal' | 'joined'>>;

/** Opens every configured location. One that cannot be opened stays in the list with its reason. */
export function openLocations(collection: LocationAccess): Promise<readonly OpenLocation[]> {
  return Promise.all(collection.config.locations.map((config) => openLocation(collection, config)));
}

async function openLocation(collection: LocationAccess, config: LocationConfig): Promise<OpenLocation> {
  const subject = { kind: 'location', key: config.name, organizationId: null, name: config.name } as const;
  if (config.kind === 'directory') {
    const recorded = recordedFor(collection, config);
    if (recorded !== null) {
      const tree = recordedTree(recorded);
      return { config, subject, tree, blindSpot: null, bucket: null, clockOffsetMillis: () => null };
    }
    if (!isReachable(collection.config, config)) {
      const blindSpot = elsewhere(config, collection.joined);
      return { config, subject, tree: null, blindSpot, bucket: null, clockOffsetMillis: () => null };
    }
    const { blindSpot, attachment } = await lookAt(collection, config);
    const tree = blindSpot === null ? localDirectoryTree({ root: config.path }) : null;
    return { config, subject, tree, blindSpot, attachment, bucket: null, clockOffsetMillis: () => null };
  }
  try {
    if (config.kind === 'aws') {
      const aws = await openAws(collection, config);
      return {
        config,
        subject,
        tree: null,
        blindSpot: null,
        bucket: null,
        aws,
        clockOffsetMillis: aws.clockOffsetMillis,
      };
    }
    const client = await openS3Client(collection, config, `location ${config.name}`);
    const { s3BucketTree } = await import('./trees/s3-bucket.ts');
    const tree = s3BucketTree({ client, bucket: config.bucket, prefix: config.prefix });
    const bucket = { client, name: config.bucket, prefix: config.prefix };
    return { config, subject, tree, blindSpot: null, bucket, clockOffsetMillis: () => client.lastClockOffsetMillis() };
  } catch (error) {
    const blindSpot = collection.asker.blindSpotOf(error, `location ${config.name}`);
    return { config, subject, tree: null, blindSpot, bucket: null, clockOffsetMillis: () => null };
  }
}

type DirectoryLocation = Extract<LocationConfig, { readonly kind: 'directory' }>;

/**
 * How a directory is attached, and why it cannot be listed at all: its file system does not answer, or nothing is mounted
 * where it should be. All else is told by whoever lists it.
 */
async function lookAt(
  { asker, config: { install }, signal = new AbortController().signal }: LocationAccess,
  config: DirectoryLocation,
): Promise<{ readonly blindSpot: BlindSpot | null; readonly attachment: Attachment }> {
  const path = resolve(config.path);
  let attachment: Attachment = 'unknown';
  try {
    const host = install.collectorRunsHere ? install.host : null;
    await lookAtLocation({ ...config, path }, host, { probe: hostProbe, signal }, (seen) => {
      attachment = seen;
    });
    return { blindSpot: null, attachment };
  } catch (error) {
    const isOfOthers = signal.aborted || (error instanceof SourceError && !isOfMount(error));
    return { blindSpot: isOfOthers ? null : asker.blindSpotOf(error, `location ${config.name}`), attachment };
  }
}

/**
 * What a bundle holds of a location, where it was asked at the path that is configured now. Of one that the audit can read
 * itself a bundle is only taken where nothing is there, and not one of the very host that this runs on: this run looked later.
 */
function recordedFor(collection: LocationAccess, config: DirectoryLocation): RecordedLocation | null {
  const recorded = collection.joined?.location(config.name) ?? null;
  if (recorded === null || recorded.locator !== resolve(config.path)) return null;
  const { install } = collection.config;
  const isOfThisHost = install.collectorRunsHere && isSameHost(recorded.host, install.host);
  return isReachable(collection.config, config) && (isOfThisHost || existsSync(config.path)) ? null : recorded;
}

function elsewhere({ name, path, reachableFrom = '' }: DirectoryLocation, joined: JoinedHosts | undefined): BlindSpot {
  const recorded = joined?.location(name) ?? null;
  const detail =
    recorded === null
      ? `location ${name} can be read on host ${reachableFrom} alone, and no bundle of that host was joined`
      : `location ${name} was read at ${recorded.locator} on host ${reachableFrom}, and is configured at ${path}`;
  const remedy = `Write a plan (recoverage plan --only locations:${name}), answer it there (recoverage collect --plan), and join the bundle: scan --with.`;
  return { reason: 'not-asked', detail, remedy };
}

/** The AWS SDK of a service is loaded at the first question to it. @throws SourceError */
async function openAws(
  collection: LocationAccess,
  config: Extract<LocationConfig, { readonly kind: 'aws' }>,
): Promise<AwsBackupSource> {
  const secret = (reference: string) => collection.secret(`location ${config.name}`, reference);
  return createAwsBackupSource({
    region: config.region,
    accessKeyId: await secret(config.accessKeyId),
    secretAccessKey: await secret(config.secretAccessKey),
    timeoutMillis: collection.config.collect.requestTimeoutSeconds * 1000,
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
    ...(config.sessionToken === undefined ? {} : { sessionToken: await secret(config.sessionToken) }),
    ...(collection.signal === undefined ? {} : { signal: collection.signal }),
  });
}
