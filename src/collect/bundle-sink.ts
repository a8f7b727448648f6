import type { BundleTrailer, InstallPart, OrganizationPart } from '../model/bundle.ts';

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
