import { z } from 'zod';
import { blindSpotSchema } from '../../model/evidence.ts';

/*
 * Copies of files that are no directories of their location, as a host bundle tells them: those of dated directories and
 * mirrors are told by the names that lie there.
 */

const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const count = z.number().int().nonnegative();

/** Opens a set; its copies come after. */
export const fileSetLine = z.strictObject({
  type: z.literal('file-set'),
  location: z.string(),
  /** Digest of the settings that it was read by. */
  definition: z.string(),
  /** Paths of the source host of which single files are told in every copy. */
  kept: z.array(z.string()).readonly(),
  /** Steps of the deepest directories that are told of; null where all are. */
  deepest: count.nullable(),
  /** Whether nobody saw what the copies hold. */
  isDeclared: z.boolean(),
  /** Whether it could be told which copies there are. */
  isListed: z.boolean(),
  blindSpot: blindSpotSchema.nullable(),
});

export const fileCopyLine = z.strictObject({
  type: z.literal('file-copy'),
  location: z.string(),
  name: z.string(),
  moment: instant,
  complete: z.boolean(),
  because: z.string(),
  series: z.string().exactOptional(),
  /** Path of the source host that it is stated to hold. */
  statedPath: z.string().exactOptional(),
  /** Whether of most of its files only the numbers in directories are told. */
  countedOnly: z.boolean().exactOptional(),
  /** Patterns of what the program that made it was told to leave out. */
  excludes: z.array(z.string()).readonly().exactOptional(),
  /** The program that told of it by names and sizes. */
  listedBy: z.enum(['restic', 'borg']).exactOptional(),
});

/** Files of the copy before. */
export const copyFilesLine = z.strictObject({
  type: z.literal('copy-files'),
  location: z.string(),
  copy: z.string(),
  files: z
    .array(
      z.strictObject({
        path: z.string(),
        bytes: count,
        modifiedAt: instant,
        /** True of a further name of a file, whose size stands with another one. */
        isSizeElsewhere: z.boolean().exactOptional(),
      }),
    )
    .readonly(),
});

/** Directories of the copy before. */
export const copyDirectoriesLine = z.strictObject({
  type: z.literal('copy-directories'),
  location: z.string(),
  copy: z.string(),
  directories: z.array(z.strictObject({ path: z.string(), files: count, bytes: count })).readonly(),
});

export type FileSetLine = z.infer<typeof fileSetLine>;
export type FileCopyLine = z.infer<typeof fileCopyLine>;
export type CopyFilesLine = z.infer<typeof copyFilesLine>;
export type CopyDirectoriesLine = z.infer<typeof copyDirectoriesLine>;
