import { z } from 'zod';
import type { BlindSpot } from '../../../../model/evidence.ts';
import { kmsKeyState } from '../../../../model/kms-key-states.ts';
import type { CopyKey, PhysicalCopy } from '../physical-copy.ts';
import { when } from './answer-fields.ts';
import { parseArn } from './arn.ts';
import type { AwsBackupSource } from './aws-backup-source.ts';
import { shown } from './managed-copy.ts';

/** A service names a handful of keys; where there are more, what the others are stays untold. */
const MOST_KEYS = 200;

const keySchema = z.object({ KeyState: z.string(), DeletionDate: when });

export interface CopyKeysOptions {
  readonly signal: AbortSignal;
  /** Turns an error into a blind spot without secrets. */
  readonly blindSpotOf: (error: unknown) => BlindSpot;
}

/**
 * The copies, each with what the keys are that it is encrypted with. Whoever may not ask about a key learns nothing of
 * it, and everything else all the same: the right is needed for nothing else.
 * Source: AWS KMS API Reference, DescribeKey.
 */
export async function withKeyStates(
  source: AwsBackupSource,
  copies: readonly PhysicalCopy[],
  options: CopyKeysOptions,
): Promise<readonly PhysicalCopy[]> {
  const named = new Set(copies.flatMap(({ keys = [] }) => keys.map(({ key }) => key)));
  if (named.size === 0) return copies;
  const account = await accountOf(source, options.signal);
  const told = new Map<string, CopyKey>();
  for (const key of [...named].sort().slice(0, MOST_KEYS)) told.set(key, await describe(source, key, account, options));
  return copies.map((copy) =>
    copy.keys === undefined ? copy : { ...copy, keys: copy.keys.map((one) => told.get(one.key) ?? one) },
  );
}

async function describe(
  source: AwsBackupSource,
  key: string,
  ownAccount: string | null,
  { signal, blindSpotOf }: CopyKeysOptions,
): Promise<CopyKey> {
  const untold = (because: string): CopyKey => ({ key, state: null, deletionDate: null, because });
  try {
    const answer = keySchema.safeParse(await (await source.kms()).key(key));
    if (!answer.success) return untold(blindSpotOf(source.errorOf('kms', 'DescribeKey', null)).detail);
    const { KeyState, DeletionDate } = answer.data;
    const state = kmsKeyState(KeyState);
    return { key, state, deletionDate: DeletionDate, because: state === 'unavailable' ? shown(KeyState) : null };
  } catch (error) {
    signal.throwIfAborted();
    const place = parseArn(key);
    if (isNotFound(error)) {
      // AWS answers so about keys of other accounts, too, and about those of other regions.
      const isOwn = place !== null && place.account === ownAccount && place.region === source.region;
      if (isOwn) return { key, state: 'missing', deletionDate: null, because: null };
      const whose = place === null ? 'it does not tell its account' : `it is of account ${place.account}`;
      return untold(`the key did not answer, and ${whose}`);
    }
    return untold(blindSpotOf(source.errorOf('kms', 'DescribeKey', error)).detail);
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotFoundException';
}

/** Null where it is not told: then no key is known to be of it. */
async function accountOf(source: AwsBackupSource, signal: AbortSignal): Promise<string | null> {
  return await source.account().catch(() => {
    signal.throwIfAborted();
    return null;
  });
}
