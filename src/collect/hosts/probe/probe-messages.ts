import type { DiskFacts } from '../../../model/facts/stores.ts';
import type { BlindReason } from '../../../model/source-error.ts';
import type { CertificateReading } from '../certificate-reading.ts';
import type { FileSystemPlace } from '../file-system-place.ts';
import type { LicenseReading } from '../license-reading.ts';
import type { Attachment } from '../mounted-on.ts';
import type { ChecksumAnswer, LookupAnswer } from './file-lookup.ts';
import type { RunbookAnswer } from './runbook-reading.ts';
import type { SettingsText } from './settings-text.ts';
import type { ListingPage } from './store-listing.ts';
import type { TreeReading } from './tree-digest.ts';

/** Everything that the process of host-probe.ts is ever asked. Nothing of it writes. */
export type ProbeTask =
  | { readonly ask: 'file'; readonly path: string; readonly key: string; readonly most: number }
  | { readonly ask: 'license'; readonly path: string; readonly key: string; readonly most: number }
  | { readonly ask: 'certificate'; readonly path: string; readonly most: number }
  | { readonly ask: 'tree'; readonly path: string; readonly key: string; readonly except: string | null }
  | { readonly ask: 'directory'; readonly path: string }
  | { readonly ask: 'place'; readonly path: string }
  | { readonly ask: 'attachment'; readonly path: string }
  | {
      readonly ask: 'runbook';
      readonly path: string;
      readonly key: string;
      readonly names: readonly string[];
      readonly most: number;
    }
  /** `steps` lead below `path`: they are names of a user's file, and in no message. */
  | { readonly ask: 'lookup'; readonly path: string; readonly steps: readonly string[] }
  | { readonly ask: 'checksum'; readonly path: string; readonly steps: readonly string[] }
  /** The next page of what lies below; one listing at a time. */
  | { readonly ask: 'listing'; readonly path: string; readonly isFirst: boolean };

/** A file or directory as stat(2) tells it; null: nothing is there. */
export type FileAnswer = {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** Whether the path is a symbolic link; the rest is of what it leads to. */
  readonly isLink: boolean;
  readonly mode: string;
  /** Numbers of user and group, `0:0`. */
  readonly owner: string;
  readonly bytes: number;
  readonly modifiedAt: string | null;
  /** Keyed digest; null of a directory, and of a file above `most` bytes. */
  readonly digest: string | null;
  /** Null where `digest` is. */
  readonly text: SettingsText | null;
} | null;

/** A file that holds a license, with what it says of itself; `says` null where its format does not tell, and above `most` bytes. */
export type LicenseAnswer = (NonNullable<FileAnswer> & { readonly says: LicenseReading | null }) | null;

export interface DirectoryAnswer {
  readonly isDirectory: boolean;
  /** Whether nothing at all lies in it. */
  readonly empty: boolean;
  /** Of a directory. */
  readonly disk?: DiskFacts;
}

export interface ProbeAnswers {
  readonly file: FileAnswer;
  readonly license: LicenseAnswer;
  readonly certificate: CertificateReading;
  readonly tree: TreeReading;
  readonly directory: DirectoryAnswer;
  /** The directory and all above it, by device and inode, and by file system and the path in it. */
  readonly place: FileSystemPlace & {
    /** Without symbolic links. */
    readonly path: string;
  };
  readonly attachment: Attachment;
  readonly runbook: RunbookAnswer;
  readonly lookup: LookupAnswer;
  readonly checksum: ChecksumAnswer;
  readonly listing: ListingPage;
}

/** Code of a file that is none of a certificate in PEM. */
export const NO_CERTIFICATE = 'NO_CERTIFICATE';

/** One line of what the process writes. */
export type ProbeMessage =
  | { readonly answer: ProbeAnswers[keyof ProbeAnswers] }
  /** `code` as of errno(3), of TreeDigestError, or of {@link NO_CERTIFICATE}. */
  | { readonly failure: { readonly code: string } }
  /** What a listing did not get. */
  | { readonly unlisted: { readonly reason: BlindReason; readonly detail: string; readonly remedy: string } }
  | { readonly alive: true };
