import { need } from './define-control.ts';

/** Kinds of the storage_bindings dataset. */
export const BUNDLED = 'bundled';
export const S3 = 's3';
export const BINDING_KINDS: readonly string[] = [BUNDLED, S3, 'local_filesystem_dedicated'];

/** An organization's bindings; the policy's default binding is a declaration of the configuration. */
export const BINDINGS = need('storage-binding', 'organization', 'either', { leastGrade: 'declared' });

/** What tells which copies of the judged store or host file count. */
export const FILE_COPIES = {
  copies: need('file-copy', 'self', 'more-helps'),
  locationDomains: need('failure-domain', 'all-locations', 'either', { context: true }),
} as const;

/** Where the judged store itself stands. */
export const OWN_DOMAINS = need('failure-domain', 'self', 'either', { context: true });
