import { z } from 'zod';
import { toInstant } from '../../../../model/instant.ts';

/** Kinds of fields in answers of AWS; one that is left out is null. */
export const text = z.string().nullish().default(null);
export const flag = z.boolean().nullish().default(null);
export const number = z.number().nonnegative().nullish().default(null);
export const when = z
  .date()
  .refine((date) => date.getUTCFullYear() >= 1970 && date.getUTCFullYear() <= 9999)
  .transform((date) => toInstant(date.getTime()))
  .nullish()
  .default(null);
