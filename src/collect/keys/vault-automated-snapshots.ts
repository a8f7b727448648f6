import { z } from 'zod';
import type { Facts } from '../../model/facts.ts';
import { type Instant, instantOrNull } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { VaultClient } from './vault-client.ts';
import { readVaultBody, vaultError } from './vault-error.ts';

export type AutomatedSnapshots = NonNullable<Facts['provider-state']['automatedSnapshots']>[number];

/** The text of an error may name a bucket or an account, and is not taken along. */
const statusSchema = z.object({
  data: z.object({
    last_snapshot_start: z.string().nullish(),
    last_snapshot_end: z.string().nullish(),
    last_snapshot_error: z.string().nullish(),
  }),
});

/**
 * What Vault Enterprise says of the snapshots that it takes by itself. What it does not tell is told as that: nothing
 * else of the provider hangs on it. The names of schedules cannot be asked for without the right to change them (sudo).
 * Source: Vault HTTP API documentation 1.21, "/sys/storage/raft/snapshot-auto", "Read automated snapshots status".
 * @throws SourceError not-asked where the run was interrupted
 */
export async function readAutomatedSnapshots(
  client: VaultClient,
  names: readonly string[],
): Promise<readonly AutomatedSnapshots[]> {
  const read: AutomatedSnapshots[] = [];
  for (const name of names) {
    const status = await readStatus(client, name).catch((error: unknown) => {
      if (!(error instanceof SourceError) || error.reason === 'not-asked') throw error;
      return untold(name, `${error.message}. ${error.remedy}`);
    });
    read.push(status);
  }
  return read;
}

async function readStatus(client: VaultClient, name: string): Promise<AutomatedSnapshots> {
  const answer = await client.ask('automatedSnapshots', { name });
  if (answer.status === 404) {
    return untold(name, 'Vault has no schedule of this name, or is not the Enterprise edition, which alone has them');
  }
  if (answer.status !== 200) throw vaultError(client, 'automatedSnapshots', { name }, answer);
  const { data } = readVaultBody(client, 'automatedSnapshots', answer, statusSchema);
  const lastStartedAt = time(data.last_snapshot_start);
  const lastEndedAt = time(data.last_snapshot_end);
  const hasError = (data.last_snapshot_error ?? '') !== '';
  const isNone = lastStartedAt === null && lastEndedAt === null && !hasError;
  return { name, untold: null, lastStartedAt, lastEndedAt, failed: isNone ? null : hasError };
}

function untold(name: string, why: string): AutomatedSnapshots {
  return { name, untold: why, lastStartedAt: null, lastEndedAt: null, failed: null };
}

/** Null also of the year 1, by which Go says that there is no time. */
function time(text: string | null | undefined): Instant | null {
  const millis = text === null || text === undefined ? Number.NaN : Date.parse(text);
  return millis > 0 ? instantOrNull(millis) : null;
}
