import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createAsker, systemClock } from '../../../../src/collect/ask.ts';
import { readLocation } from '../../../../src/collect/backups/artifact-index.ts';
import type { CopiedDatabase } from '../../../../src/collect/backups/copied-database.ts';
import { databaseCopies } from '../../../../src/collect/backups/database-copies.ts';
import { indexDumps } from '../../../../src/collect/backups/read-dumps.ts';
import { presentCopies } from '../../../../src/collect/backups/verification/present-copies.ts';
import { createCopyReadings } from '../../../../src/collect/backups/verification/read-copies.ts';
import { createBudget } from '../../../../src/collect/backups/verification/verification-budget.ts';
import { openMemory } from '../../../../src/collect/backups/verification/verification-memory.ts';
import type { ArtifactTree } from '../../../../src/collect/trees/artifact-tree.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import type { Facts } from '../../../../src/model/facts.ts';
import type { Policy } from '../../../../src/model/policy.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { DEFAULT_FACTS } from '../../../evaluate/default-facts.ts';

const { signal } = new AbortController();

export interface AuditOptions {
  readonly tree: ArtifactTree;
  /** Directory in which verifications are remembered. */
  readonly directory: string;
  readonly databases?: readonly string[];
  readonly runs?: readonly Partial<Facts['backup-run']>[];
  readonly depth?: 'structure' | 'mixed' | 'full';
  readonly budgetBytes?: number | null;
  readonly everyDays?: number;
  readonly limitDays?: number;
  readonly key?: string;
}

/** One run over one location of dumps: what it read to the end, and what is told of each copy. */
export async function audit(options: AuditOptions) {
  const { tree, directory, databases = ['tiny'], runs = [], depth = 'mixed', budgetBytes = null } = options;
  const asker = createAsker(systemClock, [], signal);
  const streamed: string[] = [];
  const counted: ArtifactTree = {
    ...tree,
    async open(path, abort) {
      const reader = await tree.open(path, abort);
      return {
        ...reader,
        stream(offset) {
          streamed.push(path);
          return reader.stream(offset);
        },
      };
    },
  };
  const place = { name: 'nas', tree: counted, timeZone: 'UTC', servers: null };
  const names = new Set(databases);
  const dumps = [await readLocation(place, names, (error) => asker.blindSpotOf(error, 'nas'), signal)];
  const looked = streamed.length;
  const databaseServers = new Map(databases.map((name) => [name, new Set(['db'])]));
  const none = { physical: [], known: new Map(), locations: [], servers: [] };
  const known = { dumps, ...indexDumps(dumps), databaseServers, ...none };
  const verification = options.everyDays === undefined ? {} : { everyDays: options.everyDays };
  const collect = configSchema.shape.collect.parse({ depth, concurrency: 1, verification });
  const limits = options.limitDays === undefined ? {} : { verificationMaxAgeDays: options.limitDays };
  const policy = { limits, organizationLimits: {} } as unknown as Policy;
  const config = { plans: [], locations: [], collect };
  const collection = { asker, signal, policy, config, secret: async () => new Secret('') };
  const memory = await openMemory({
    file: join(directory, 'verifications.ndjson'),
    scratch: mkdtempSync(join(directory, 'scratch-')),
    key: options.key === undefined ? null : new Secret(options.key),
    toolVersion: 'test',
  });
  const budget = createBudget({ bytes: budgetBytes, millis: null }, () => 0);
  const reading = createCopyReadings(collection, known, { memory, budget, progress: () => undefined });
  const all = databases.map(
    (name): CopiedDatabase => ({
      subject: { kind: 'database', key: `o/${name}`, organizationId: 'o', name },
      name,
      server: null,
      runs: runs.map((run) => ({ ...DEFAULT_FACTS['backup-run'], ...run })),
      plans: [],
    }),
  );
  await reading.read(
    (async function* each() {
      yield* all;
    })(),
  );
  const read = streamed.slice(looked);
  await memory.save(presentCopies(dumps, []));
  const records = [];
  const current = await reading.current();
  for (const database of all) {
    records.push(...(await databaseCopies(collection, { ...known, ...current }, database)));
  }
  await memory.close();
  const copies = records.flatMap((record) => (record.kind === 'copy' ? record.items : []));
  return {
    /** Paths that were read to their end, in this order. */
    read,
    copies: new Map(copies.map((copy) => [copy.path, copy])),
    summary: reading.summary(),
    refused: memory.refused,
  };
}
