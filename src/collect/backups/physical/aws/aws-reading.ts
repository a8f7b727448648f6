import type { z } from 'zod';
import type { BlindSpot } from '../../../../model/evidence.ts';
import { SourceError } from '../../../../model/source-error.ts';
import type { AwsBackupSource } from './aws-backup-source.ts';
import { AWS_SERVICE_NAMES, type AwsService } from './aws-operations.ts';
import type { ReadPage } from './client-settings.ts';

/** Asks the services, and remembers what was not answered: one silent service leaves the answers of the others. */
export interface AwsReading {
  /** All pages of a list; what came before a failure stays, and the failure is a blind spot. */
  list<S extends z.ZodType>(
    service: AwsService,
    operation: string,
    schema: S,
    open: () => Promise<ReadPage>,
  ): Promise<readonly z.output<S>[]>;
  /** One answer; null where there is none, which is then a blind spot. */
  one<S extends z.ZodType>(
    service: AwsService,
    operation: string,
    schema: S,
    ask: () => Promise<unknown>,
  ): Promise<z.output<S> | null>;
  note(error: SourceError): void;
  /** Whether everything that was asked of these operations was answered, as far as it was asked yet. */
  isAnswered(...operations: readonly string[]): boolean;
  /** In the order of the questions. */
  blindSpots(): readonly BlindSpot[];
}

/** No account has so many pages; a service that gives the same one again and again would never end. */
const MOST_PAGES = 20_000;

/** @param blindSpotOf turns an error into a blind spot without secrets */
export function awsReading(
  source: AwsBackupSource,
  blindSpotOf: (error: unknown) => BlindSpot,
  signal: AbortSignal,
): AwsReading {
  const spots: BlindSpot[] = [];
  const failed = new Set<string>();
  const fail = (service: AwsService, operation: string, error: unknown) => {
    signal.throwIfAborted();
    failed.add(operation);
    spots.push(blindSpotOf(source.errorOf(service, operation, error)));
  };
  const misfit = (service: AwsService, operation: string, items: number) => {
    const what = items === 1 ? 'an answer does' : `${items} entries do`;
    return new SourceError(
      'malformed',
      `${AWS_SERVICE_NAMES[service]} in ${source.region}, ${operation}: ${what} not have the documented form`,
      'Check region and endpoint, and what a proxy on the way does.',
    );
  };
  return {
    async list(service, operation, schema, open) {
      const found: z.output<typeof schema>[] = [];
      let misfits = 0;
      try {
        const read = await open();
        const tokens = new Set<string>();
        for (let token: string | undefined; tokens.size < MOST_PAGES; ) {
          signal.throwIfAborted();
          const page = await read(token);
          // The protocol of RDS and EC2 reads any well-formed page as an answer without a list: that says nothing.
          if (page.items === undefined) {
            fail(service, operation, misfit(service, operation, 1));
            break;
          }
          for (const item of page.items) {
            const parsed = schema.safeParse(item);
            if (parsed.success) found.push(parsed.data);
            else misfits += 1;
          }
          token = page.next === '' ? undefined : page.next;
          if (token === undefined) break;
          if (tokens.has(token) || tokens.size + 1 === MOST_PAGES) {
            fail(service, operation, endless(service, operation, source.region));
            break;
          }
          tokens.add(token);
        }
      } catch (error) {
        fail(service, operation, error);
      }
      if (misfits > 0) fail(service, operation, misfit(service, operation, misfits));
      return found;
    },
    async one(service, operation, schema, ask) {
      try {
        const parsed = schema.safeParse(await ask());
        if (parsed.success) return parsed.data;
        fail(service, operation, misfit(service, operation, 1));
      } catch (error) {
        fail(service, operation, error);
      }
      return null;
    },
    note: (error) => void spots.push(blindSpotOf(error)),
    isAnswered: (...operations) => operations.every((operation) => !failed.has(operation)),
    blindSpots: () => spots,
  };
}

function endless(service: AwsService, operation: string, region: string): SourceError {
  return new SourceError(
    'malformed',
    `${AWS_SERVICE_NAMES[service]} in ${region}, ${operation}: the list has no end`,
    'Check region and endpoint, and what a proxy on the way does.',
  );
}
