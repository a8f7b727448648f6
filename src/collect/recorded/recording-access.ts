import type { PlannedCopyDraw } from '../../model/planned-draw.ts';
import type { Secret } from '../../model/secret.ts';
import type { Asker } from '../ask.ts';
import type { InstallNames } from '../backups/physical/read-physical.ts';
import type { HostProbe } from '../hosts/probe/host-probe.ts';
import type { WrappedSample } from '../keys/key-provider.ts';
import type { HostAnswer } from './host-bundle-lines.ts';

/** What recording a location takes. */
export interface RecordingAccess {
  readonly asker: Asker;
  readonly signal: AbortSignal;
  readonly probe: HostProbe;
  readonly digestKey: Secret;
  readonly secret: (setting: string, reference: string) => Promise<Secret>;
  readonly depth: 'structure' | 'mixed' | 'full';
  /** Version of the product that runs; null where it is not known. */
  readonly productVersion: string | null;
  /** Paths of the install host whose copies are compared with the live files. */
  readonly copied: readonly { readonly path: string; readonly digest: 'file' | 'tree' }[];
  /** Names out of the install by which some copies are told; null where the plan holds none. */
  readonly names: InstallNames | null;
  /** Files that are looked for in snapshots. */
  readonly copySamples: readonly PlannedCopyDraw[];
  /** Whether files are read for their checksums, where their row records one. */
  readonly checksums: boolean;
  /** Keyed digest of the name of a key. */
  readonly keyDigest: (id: string) => string;
  /** Keyed digest of a wrapped sample; null where the hosts share no key. */
  readonly sampleDigest: (sample: WrappedSample) => string | null;
}

/** Takes one line of a bundle. */
export type PutAnswer = (answer: HostAnswer) => Promise<void>;
