import { z } from 'zod';
import { blindSpotSchema } from '../../model/evidence.ts';

const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** What was seen of files of one store in the newest snapshot of a location that holds it. */
export const copySampleLine = z.strictObject({
  type: z.literal('copy-sample'),
  location: z.string(),
  /** Directory of the store on its host, or `/bucket/prefix/`, as the plan has it. */
  root: z.string(),
  /** Null: no snapshot holds the store, or nobody could tell, see `blindSpot`. */
  copy: z
    .strictObject({
      name: z.string(),
      method: z.enum(['restic', 'borg']),
      moment: instant,
      /** The newest one of the same series, where that is not this one, and why not. */
      passedOver: z.strictObject({ copy: z.string(), moment: instant, because: z.string() }).exactOptional(),
      /** Those that an answer was had about. */
      files: z
        .array(
          z.strictObject({
            objectKey: z.string(),
            is: z.enum(['found', 'missing', 'refused', 'link', 'damaged']),
            /** Bytes of a file that was found; null where the listing does not tell. */
            size: z.number().nullable(),
            /** SHA-256 of what it holds in hexadecimal; null where it was not read for it. */
            digest: z.string().nullable(),
          }),
        )
        .readonly(),
    })
    .nullable(),
  blindSpot: blindSpotSchema.nullable(),
});
export type CopySampleLine = Readonly<z.infer<typeof copySampleLine>>;

/** What another host found of files of one store; of several databases with one store, all of theirs. */
export type RecordedCopySample = Pick<CopySampleLine, 'copy' | 'blindSpot'>;
