import { z } from 'zod';
import { count, instant, text, when } from './parts.ts';

/** Copies of files, and what a host keeps that starts an install. */
export const hostFacts = {
  /** Of a store or host: one dated copy of one source path in a backup set. */
  'file-copy': z.strictObject({
    location: z.string(),
    copy: z.string(),
    moment: instant,
    complete: z.boolean(),
    because: z.string(),
    sourcePath: z.string(),
    present: z.boolean(),
    /** Of a directory: the files below it in the copy, and their sizes in sum. Absent in bundles of older versions. */
    files: count.optional(),
    bytes: count.optional(),
    /**
     * Of files that artifact rows from before the copy name and that were found in the live store: how many were looked
     * for in the copy, and how many are not in it, are empty there alone, or have another size than recorded. Absent
     * where none was.
     */
    compared: z
      .strictObject({
        files: count,
        missing: count,
        emptied: count,
        sizeDiffers: count,
        /** Those that are one and the same file on disk as in the live store, by a hard link, or by a link or mount of a directory. */
        linked: count.optional(),
      })
      .optional(),
    /**
     * Of files that artifact rows from before the copy name and that could not be compared with the live store, as they
     * are not there as listed or nobody could look: how many there are, how many are not in the copy, and how many have
     * another size than their row states. Absent where there is none.
     */
    listed: z.strictObject({ files: count, missing: count, sizeDiffers: count }).optional(),
    /** Files that were drawn and could not be read out of it, as the data of its repository are damaged. */
    damaged: count.optional(),
    /**
     * Where the database lists files and none of those drawn could be looked for in the copy: how many rows were registered
     * after it was made, are dated in the future, or name nothing below the path. Absent where one could be.
     */
    uncompared: z.strictObject({ later: count, future: count, elsewhere: count }).optional(),
    /**
     * Files that were drawn and hold in it something else than the checksum that the database lists; and of how many of
     * them the live store holds something else, too. Absent where there is none.
     */
    altered: z.strictObject({ files: count, asLive: count }).optional(),
    /** Why what the copy holds may be damaged, where which copies that is about is not known. */
    doubt: z.string().optional(),
    /** The program that told of the copy. It lists names and sizes; of the data it read nothing. */
    listedBy: z.enum(['restic', 'borg']).optional(),
    /** True of a directory that is that of every organization: that files lie below it tells nothing of this one. */
    shared: z.boolean().optional(),
    /**
     * Keyed digest (HMAC-SHA-256, key of the install) of a small file's contents, or of a directory's files with their
     * paths and contents; null where none was taken.
     */
    digest: text,
    /** Likewise of the permissions in a directory, where what keeps the copy keeps those. */
    digestOfModes: text.optional(),
    /** Of a directory: symbolic links in the copy, none of which was followed. Absent where they cannot be counted. */
    links: count.optional(),
    /** Patterns of what the program that made the copy was told to leave out and that may be below the path: the first, and how many. */
    leavesOut: z.strictObject({ patterns: z.array(z.string()), count }).optional(),
  }),
  /** Of the install's host: a file or directory that starting the install needs. */
  'host-file': z.strictObject({
    role: z.enum(['bootstrap', 'state-directory']),
    path: z.string(),
    exists: z.boolean(),
    /** Permission bits in octal, e.g. `0640`. */
    mode: text,
    /** As of `file-copy`: equality tells that nothing changed, and nothing else can be told from it. */
    digest: text,
    digestOfModes: text.optional(),
    /** True of a symbolic link: what is told is of what it leads to. Absent of all else, and in older bundles. */
    link: z.boolean().optional(),
    /** Numbers of user and group, `0:0`. This and what follows is absent in bundles of older versions. */
    owner: text.optional(),
    /** When it was last changed; of a directory the newest change of a file that takes part in its digest. */
    modifiedAt: when.optional(),
    /** Of a directory: the files that take part in its digest. */
    files: count.optional(),
    /** Of a directory: their sizes in sum; of a file: its size. */
    bytes: count.optional(),
    /** Of a small file: how many of its bytes are NUL, and how many of its lines set a variable to a value. Neither names nor values. */
    nulBytes: count.optional(),
    settings: count.optional(),
    /** Of a directory: symbolic links in it, none of which was followed. */
    links: count.optional(),
    /** Of a directory: files that look like secrets of a setup in progress. Noticed by their names alone. */
    setupSecrets: count.optional(),
  }),
  /** Of the install's host: what a rebuilt host must be alike. */
  'host-system': z.strictObject({
    /** `linux`, `win32`, `darwin`. */
    platform: z.string(),
    /** Operating-system family and version, such as `ubuntu` and `24.04`. */
    family: text,
    version: text,
    architecture: z.string(),
  }),
  /** Of the install's host: one file that is named as an installer package of the version that runs. */
  'installer-package': z.strictObject({
    location: z.string(),
    path: z.string(),
    bytes: count,
    modifiedAt: instant,
    /** The version and the profile that its name tells. */
    version: z.string(),
    profile: z.string(),
    kind: z.enum(['deb', 'msi', 'docker']),
    /** Over all of its bytes; null where it was not read. */
    sha256: text,
    /** Whether a checksum that lies beside it agrees; null where none does, or it was not read. */
    checksumAgrees: z.boolean().nullable(),
    /** Whether it begins like a package of its kind; null where it was not read. */
    formatAgrees: z.boolean().nullable(),
    /**
     * Of a deb that was read: why it is no whole package, a sentence part; null where nothing shows that. This and what
     * follows is absent in bundles of older versions.
     */
    damage: text.optional(),
    /** Of a deb that was read: what its control file says; null where that could not be opened. */
    control: z
      .strictObject({ package: z.string(), version: z.string(), architecture: z.string() })
      .nullable()
      .optional(),
    /** The file that a checksum file bearing this one's name is about instead; absent where none is about another. */
    checksumOfOther: z.string().optional(),
  }),
  /** Of the install: the runbook that the configuration names. What is in it is read and goes nowhere. */
  runbook: z.strictObject({
    path: z.string(),
    exists: z.boolean(),
    bytes: count,
    modifiedAt: when,
    /** Ids of providers and names of locations in use that it was searched for, and those that it does not name. */
    searched: count,
    missing: z.array(z.string()),
    /** As of `host-file`. This and what follows is absent in bundles of older versions. */
    digest: text.optional(),
    /** Where it lies, as the configuration states it or a path on the install host shows; null: nothing is known of it. */
    place: z
      .strictObject({ host: text, site: text, account: text, region: text, origin: z.enum(['stated', 'observed']) })
      .nullable()
      .optional(),
    /** A host on which it certainly does not lie; absent where none is known. */
    notOn: z.string().optional(),
  }),
  /** Of the install: a secret that the configuration refers to, by where it is kept. Never the secret. */
  'secret-source': z.strictObject({
    setting: z.string(),
    kind: z.enum(['environment', 'file']),
    /** Of a file: its path. */
    path: text,
    /** Whether the install host is where it is read. */
    onInstallHost: z.boolean(),
  }),
} as const;
