import { z } from 'zod';

/** What a worker of the fuzzer is to do. */
export const job = z.object({
  parser: z.string(),
  from: z.int(),
  to: z.int(),
  seed: z.int(),
  /** The input at work, for who watches. */
  progress: z.instanceof(SharedArrayBuffer),
});
export type FuzzJob = z.infer<typeof job>;

/** What a worker tells when it is through. */
export const finished = z.object({
  outcomes: z.record(z.string(), z.int()),
  failures: z.array(z.object({ index: z.int(), problem: z.string() })),
  /** Some of the inputs that were judged complete. */
  vouched: z.array(z.int()),
  /** How much more memory the process took at most than at the beginning, in bytes. */
  grownBy: z.number(),
});
export type Finished = z.infer<typeof finished>;
