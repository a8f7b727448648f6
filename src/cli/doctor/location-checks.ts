import type { AwsBackupSource } from '../../collect/backups/physical/aws/aws-backup-source.ts';
import { awsReading } from '../../collect/backups/physical/aws/aws-reading.ts';
import { readManagedDatabases } from '../../collect/backups/physical/aws/managed-databases.ts';
import { locationDomains } from '../../collect/domains.ts';
import type { OpenLocation } from '../../collect/estate.ts';
import { isRepositoryOfFiles } from '../../collect/file-sets/read-file-copies.ts';
import { parseCopyTime } from '../../collect/hosts/dated-copies.ts';
import { datedCopySettings, unfittingNames } from '../../collect/hosts/unfitting-names.ts';
import { openLocations } from '../../collect/open-locations.ts';
import { isReachable } from '../../collect/reachable.ts';
import { samePlaceMistakes } from '../../collect/same-places.ts';
import type { ArtifactFile, ArtifactTree } from '../../collect/trees/artifact-tree.ts';
import type { LocationConfig } from '../../config/location-schema.ts';
import { counted } from '../../model/text.ts';
import { contradictedDomains } from '../../report/contradicted-domains.ts';
import { type Check, clockChecks, mistake, ok, unanswered, warning } from './check.ts';
import type { DoctorContext } from './doctor-context.ts';

const AREA = 'locations';
/** Enough to see that listing works; a scan lists the rest. */
const MOST_FILES = 10_000;
const OPENED_FILES = 5;
const TIME_LIMIT_MILLIS = 60_000;

/** Every location: can be listed, files in it can be opened, and its clock agrees. */
export async function locationChecks(context: DoctorContext): Promise<readonly Check[]> {
  const locations = await openLocations(context);
  const [mistakes, ...checks] = await Promise.all([
    samePlaceMistakes(context.config.locations.map((one) => (isReachable(context.config, one) ? one : null))),
    ...locations.map((location) => locationCheck(context, location)),
  ]);
  return [...mistakes.map(({ path, problem, hint }) => mistake(AREA, `${path}: ${problem}`, hint)), ...checks.flat()];
}

async function locationCheck(context: DoctorContext, location: OpenLocation): Promise<readonly Check[]> {
  const { config, tree, blindSpot, aws } = location;
  if (aws !== undefined) return awsCheck(context, location, aws);
  if (!isReachable(context.config, config)) return [elsewhere(context, config)];
  if (tree === null) return blindSpot === null ? [] : [unanswered(AREA, config.name, blindSpot)];
  try {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(TIME_LIMIT_MILLIS)]);
    const { files: listed, seen, all, opened } = await look(tree, signal);
    const files = `${all ? '' : 'at least '}${counted(seen, 'file')}`;
    return [
      seen === 0
        ? warning(
            AREA,
            `${config.name}: no file lies at ${tree.locator}`,
            'Check that it is the right place, and mounted.',
          )
        : ok(AREA, `${config.name}: ${files} at ${tree.locator}, ${opened} of them opened`),
      ...datedCopyChecks(config, listed),
      ...attachmentChecks(context, location),
      ...clockChecks(AREA, config.name, location.clockOffsetMillis(), context.clockToleranceMinutes),
    ];
  } catch (error) {
    context.signal.throwIfAborted();
    return [unanswered(AREA, config.name, context.asker.blindSpotOf(error, `location ${config.name}`))];
  } finally {
    await tree.close();
  }
}

/** A directory that another host reads: what is left to check here is that its answer can be compared. */
function elsewhere({ config }: DoctorContext, location: LocationConfig): Check {
  const host = location.kind === 'directory' ? (location.reachableFrom ?? '') : '';
  const change =
    config.digestKey === undefined
      ? 'Configure a digestKey that both hosts can read, then: recoverage plan, collect --plan on that host, scan --with.'
      : `recoverage plan --only locations:${location.name}, collect --plan on that host, scan --with.`;
  return warning(AREA, `${location.name}: is read on host ${host}, so that it was not looked at here`, change);
}

/** Whether any directory of a set of file copies is named as the configuration says; by what was listed, a sample. */
function datedCopyChecks(config: LocationConfig, listed: readonly ArtifactFile[]): readonly Check[] {
  if (!config.purposes.includes('files') || isRepositoryOfFiles(config)) return [];
  const settings = datedCopySettings(config);
  const isDated = ({ path }: ArtifactFile) =>
    path.includes('/') && parseCopyTime(path.split('/', 1)[0] ?? '', settings.timeFormat, settings.timeZone) !== null;
  const blindSpot = listed.some(isDated) ? null : unfittingNames(config, settings, listed);
  return blindSpot === null ? [] : [warning(AREA, blindSpot.detail, blindSpot.remedy)];
}

/** Whether a directory is where it is stated to stand, as far as its mount tells. */
function attachmentChecks(context: DoctorContext, location: OpenLocation): readonly Check[] {
  return contradictedDomains(locationDomains(context, location)).map(({ text, remedy }) => warning(AREA, text, remedy));
}

/** Whose account it is, and how many databases are seen in it. */
async function awsCheck(
  context: DoctorContext,
  { config }: OpenLocation,
  aws: AwsBackupSource,
): Promise<readonly Check[]> {
  const blindSpotOf = (error: unknown) => context.asker.blindSpotOf(error, `location ${config.name}`);
  try {
    const account = await aws.account();
    const reading = awsReading(aws, blindSpotOf, context.signal);
    const databases = await readManagedDatabases(aws, reading);
    const seen = `${config.name}: account ${account} at ${aws.locator}, ${counted(databases.length, 'PostgreSQL database')} on RDS`;
    return [
      ok(AREA, seen),
      ...reading.blindSpots().map((blindSpot) => unanswered(AREA, config.name, blindSpot)),
      ...clockChecks(AREA, config.name, aws.clockOffsetMillis(), context.clockToleranceMinutes),
    ];
  } catch (error) {
    context.signal.throwIfAborted();
    return [unanswered(AREA, config.name, blindSpotOf(error))];
  } finally {
    aws.close();
  }
}

async function look(tree: ArtifactTree, signal: AbortSignal) {
  const sample: ArtifactFile[] = [];
  const files: ArtifactFile[] = [];
  let seen = 0;
  let all = true;
  for await (const file of tree.list(signal)) {
    if (seen === MOST_FILES) {
      all = false;
      break;
    }
    seen += 1;
    files.push(file);
    if (file.bytes > 0 && sample.length < OPENED_FILES) sample.push(file);
  }
  for (const { path } of sample) {
    const reader = await tree.open(path, signal);
    try {
      await reader.read(0, 1);
    } finally {
      await reader.close();
    }
  }
  return { files, seen, all, opened: sample.length };
}
