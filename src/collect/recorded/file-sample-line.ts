import { z } from 'zod';
import { blindSpotSchema } from '../../model/evidence.ts';
import { plannedDrawShape, plannedFileShape } from '../../model/planned-draw.ts';

const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** What was seen of the files that were drawn for a store. Holds the rows as the plan has them. */
export const fileSampleLine = z.strictObject({
  type: z.literal('file-sample'),
  collectedAt: instant,
  ...plannedDrawShape,
  files: z
    .array(
      z.strictObject({
        ...plannedFileShape,
        /** Null: the store did not say, see `blindSpot`. */
        is: z.enum(['found', 'missing', 'refused', 'link']).nullable(),
        /** Bytes where it lies, of a file that was found. */
        size: z.number().nullable(),
        /** When it was last written there; null where that is not told. */
        modifiedAt: instant.nullable(),
        /** SHA-256 of what it holds in hexadecimal; null where it was not read for it. */
        digest: z.string().nullable(),
        /** Of a file with several names: what all of them share. */
        linked: z.string().exactOptional(),
      }),
    )
    .readonly(),
  blindSpot: blindSpotSchema.nullable(),
});
export type FileSampleLine = Readonly<z.infer<typeof fileSampleLine>>;
