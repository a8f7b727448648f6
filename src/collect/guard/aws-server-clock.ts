import { z } from 'zod';
import { clockOffsetMillis, parseDateHeader } from './server-clock.ts';

const responseSchema = z.object({ headers: z.object({ date: z.string().optional() }) });

/** Reads the server's clock off the answers to one command or client of the AWS SDK. */
export interface AwsServerClock {
  /** To be added to a middleware stack at the step `deserialize`. */
  readonly middleware: <A, O extends { readonly response: unknown }>(
    next: (args: A) => Promise<O>,
  ) => (args: A) => Promise<O>;
  /** How far the server's clock was ahead at its last answer, in milliseconds; null before one, and where it does not tell. */
  readonly offsetMillis: () => number | null;
}

export function createAwsServerClock(): AwsServerClock {
  let offset: number | null = null;
  return {
    middleware: (next) => async (args) => {
      const sentAt = Date.now();
      const output = await next(args);
      const receivedAt = Date.now();
      const parsed = responseSchema.safeParse(output.response);
      const serverMillis = parsed.success ? parseDateHeader(parsed.data.headers.date) : null;
      if (serverMillis !== null) offset = clockOffsetMillis(serverMillis, { sentAt, receivedAt });
      return output;
    },
    offsetMillis: () => offset,
  };
}
