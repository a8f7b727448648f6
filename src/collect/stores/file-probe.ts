import type { Instant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { FileOnDisk } from '../trees/shared-by-names.ts';

/** What a service says of the lock of one file. */
export interface FileLock {
  /** Until when nobody can delete it; null where nothing but a legal hold keeps it. */
  readonly until: Instant | null;
  /** GOVERNANCE: privileged users can lift it. Null where there is no retention, or its mode is not told. */
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE' | null;
  /** It stays locked beyond that until somebody takes the hold off. */
  readonly legalHold: boolean;
}

/** A file in a store or in a copy of it, as the place itself describes it. Nothing of it was read. */
export interface FoundFile {
  readonly is: 'found';
  /** Null where the place does not tell it, as Borg of a file with several names. */
  readonly bytes: number | null;
  /** When it was last written there; absent where the place does not tell it. */
  readonly modifiedAt?: Instant;
  /** Of its contents in hexadecimal, where the store keeps it; else null. */
  readonly sha256: string | null;
  /** What the service says of copying it to another bucket; null where it does not tell. */
  readonly copied: boolean | null;
  /** True where the service says that nobody can delete it now. */
  readonly locked: boolean;
  /** Of a locked file: for how long, where the service tells it. */
  readonly lock?: FileLock;
  /** True where the service says that nothing locks it, to one who may know: it is silent about locks to others. */
  readonly unlocked?: true;
  /** True where the service says that it must be brought back from an archive before anybody can read it. */
  readonly archived?: true;
  /** Key of a key service that it is encrypted with, as its own service names it; absent where it names none. */
  readonly key?: string;
  /** As `linked` of an artifact: what all names of one file share; absent where it has one name, or that is not told. */
  readonly linked?: string;
  /** Of a file of the host that this runs on. */
  readonly onDisk?: FileOnDisk;
}

/** *refused*: the name leads out of the store. *link*: a symbolic link stands there, or on the way, and was not followed. */
export type Looked = FoundFile | { readonly is: 'missing' | 'refused' | 'link' };

/** Looks for single files of one organization in its live store, or in a copy of it. */
export interface FileProbe {
  /** Where it looks, safe to print. */
  readonly locator: string;
  readonly source: string;
  /** @throws SourceError where the store did not say whether the file is there */
  look(key: string): Promise<Looked>;
  /** SHA-256 of what a file holds, in hexadecimal; null for a file that is too large to be read for it. @throws SourceError, DamagedData where it cannot be had */
  checksum(key: string, file: FoundFile): Promise<string | null>;
}

/** Larger files are not read for their checksum. */
export const LARGEST_SUMMED = 1024 ** 3;

/**
 * A name as the database lists it, as steps below the store; null for one that leads elsewhere: an absolute path, a step
 * upwards, nothing at all.
 */
export function stepsBelow(key: string): readonly string[] | null {
  if (key === '' || key.startsWith('/') || /^[A-Za-z]:[\\/]/.test(key) || key.includes('\0')) return null;
  const steps = key.split('/');
  return steps.some((step) => step === '..' || step === '.' || step.split('\\').includes('..')) ? null : steps;
}

/** Nothing was told of one file, which says nothing of the others: they are asked for all the same. */
export class OneFileError extends SourceError {}
