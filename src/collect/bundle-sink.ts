import type { BundleTrailer, InstallPart, OrganizationPart } from '../model/bundle.ts';
import type { BlindSpot } from '../model/evidence.ts';

/** Where the collector puts what it learnt, part by part. */
export interface BundleSink {
  install(part: InstallPart): Promise<void>;
  organization(part: OrganizationPart): Promise<void>;
  finish(trailer: BundleTrailer): Promise<void>;
}

/** Where the collector is; for the progress line. `total` null while the organizations are not counted yet. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
}

/** What the collection came to. `total` null: the organizations could not be listed. */
export interface CollectOutcome {
  readonly total: number | null;
  readonly blindSpot: BlindSpot | null;
}
