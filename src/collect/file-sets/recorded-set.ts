import type { LocationConfig } from '../../config/location-schema.ts';
import type { BlindSpot } from '../../model/evidence.ts';
import type { FileCopies } from '../estate.ts';
import type { DatedCopySettings } from '../hosts/dated-copies.ts';
import { fileSetDefinition } from '../recorded/file-set-definition.ts';
import type { RecordedLocation } from '../recorded/recorded-location.ts';
import type { ArtifactTree } from '../trees/artifact-tree.ts';
import { listArchives } from './archive-set.ts';

/**
 * Copies that are no directories, as the host that can read them told of them.
 *
 * @throws SourceError where the location could not be listed there
 */
export async function readRecordedSet(
  { config, tree }: { readonly config: LocationConfig; readonly tree: ArtifactTree },
  { fileSet, failure, host }: RecordedLocation,
  settings: DatedCopySettings,
  signal: AbortSignal,
): Promise<Omit<FileCopies, 'location' | 'settings'>> {
  const { name } = config;
  if (fileSet === null) return { copies: null, blindSpot: failure ?? notRead(name, host) };
  const { definition, copies, isDeclared, kept, deepest, blindSpot } = fileSet;
  if (definition !== fileSetDefinition(config)) return { copies: null, blindSpot: configuredOtherwise(name, host) };
  if (copies === null) return { copies: null, blindSpot: blindSpot ?? notRead(name, host) };
  const strays = config.files?.layout === 'archives' ? (await listArchives(tree, settings, signal)).strays : [];
  return {
    copies: { copies, strays },
    blindSpot,
    ...(isDeclared ? { grade: 'declared' } : { told: { kept, deepest, host } }),
  };
}

/** Older versions told of dated directories and mirrors alone. */
function notRead(location: string, host: string): BlindSpot {
  return {
    reason: 'not-asked',
    detail: `location ${location}: copies of files in snapshots, archives and listings were not read when host ${host} was collected`,
    remedy: 'Collect that host again by this version: recoverage collect --plan.',
  };
}

function configuredOtherwise(location: string, host: string): BlindSpot {
  return {
    reason: 'not-asked',
    detail: `location ${location}: copies of files were read on host ${host} by other settings than it has by now`,
    remedy: 'Write a new plan and collect by it: recoverage plan, collect --plan.',
  };
}
