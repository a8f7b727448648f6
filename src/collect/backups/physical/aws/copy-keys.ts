import { z } from 'zod';
import { isAwsError } from '../../../guard/aws-error.ts';
import type { PhysicalCopy } from '../physical-copy.ts';
import { text } from './answer-fields.ts';
import type { AwsBackupSource } from './aws-backup-source.ts';
import type { AwsReading } from './aws-reading.ts';
import { type KeyedCopy, shown } from './managed-copy.ts';

/** An ARN of a key or alias, the id of a key, or an alias (AWS KMS Developer Guide, "Key identifiers"). */
const KEY_ID =
  /^(?:arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:(?:key|alias)\/.+|alias\/.+|(?:mrk-[0-9a-f]{32})|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

const answerSchema = z.object({ KeyMetadata: z.object({ KeyState: text }) });

/**
 * What the keys make of the copies that they encrypt: no database is made of a copy whose key is not enabled, however the
 * service calls the copy itself. Each key is asked about once. Source: AWS KMS API Reference, DescribeKey; AWS KMS
 * Developer Guide, "Key states of AWS KMS keys".
 */
export async function withKeyStates(
  source: AwsBackupSource,
  reading: AwsReading,
  keyed: readonly KeyedCopy[],
): Promise<readonly PhysicalCopy[]> {
  const ids = new Set(keyed.flatMap(({ copy, keyIds }) => (copy.integrity === 'complete' ? keyIds : [])));
  const states = new Map<string, KeyState>();
  // One after the other: there are few, and the quota is shared with what uses them.
  for (const id of ids) if (KEY_ID.test(id)) states.set(id, await stateOf(source, reading, id));
  return keyed.map(({ copy, keyIds }) => {
    if (copy.integrity !== 'complete') return copy;
    const obstacles = keyIds.flatMap((id) => obstacleIn(id, states.get(id)) ?? []);
    const worst = obstacles.find(({ integrity }) => integrity === 'incomplete') ?? obstacles[0];
    return worst === undefined ? copy : { ...copy, ...worst };
  });
}

/** State as AWS KMS names it; null where it did not tell. */
type KeyState = string | 'missing' | null;

async function stateOf(source: AwsBackupSource, reading: AwsReading, keyId: string): Promise<KeyState> {
  const answer = await reading.one('kms', 'DescribeKey', answerSchema, async () => {
    try {
      return await (await source.keys()).describe(keyId);
    } catch (error) {
      if (isAwsError(error, 'NotFoundException')) return { KeyMetadata: { KeyState: 'missing' } };
      throw error;
    }
  });
  return answer?.KeyMetadata.KeyState ?? null;
}

function obstacleIn(
  id: string,
  state: KeyState | undefined,
): Pick<PhysicalCopy, 'integrity' | 'integrityBecause'> | null {
  if (state === undefined || state === 'Enabled') return null;
  const key = `the key ${id.slice(0, 200)} by which it is encrypted`;
  if (state === 'missing') return { integrity: 'incomplete', integrityBecause: `${key} does not exist any more` };
  if (state === null) return { integrity: 'unproven', integrityBecause: `whether ${key} can be used was not told` };
  const because = `${key} cannot be used (state ${shown(state)}): nobody can restore it before that is undone`;
  return { integrity: 'unproven', integrityBecause: because };
}
