import { z } from 'zod';
import { eachOf } from '../../src/collect/concurrency.ts';
import { createKmsClient } from '../../src/collect/keys/kms-client.ts';
import { kmsKeyProvider } from '../../src/collect/keys/kms-key-provider.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Figure } from './figure.ts';
import { secondsOf } from './in-turn.ts';
import { startServer } from './started-server.ts';

const PER_SECOND = 100;
/** What a quota of AWS takes at once after a pause. */
const BURST = 100;
const CONCURRENCY = 16;
const countsSchema = z.object({ taken: z.number(), refused: z.number() });

/**
 * Everything about many keys of KMS under a quota, against the time that the quota dictates for the requests it took.
 * A key that is left without an answer ends the measurement.
 */
export async function kmsThrottledFigure(count: number): Promise<Figure> {
  using server = await startServer('kms-server.mjs', [String(PER_SECOND), String(BURST)]);
  const client = createKmsClient({
    region: 'eu-central-1',
    endpoint: server.address,
    stsEndpoint: server.address,
    accessKeyId: new Secret('AKIABENCH'),
    secretAccessKey: new Secret('bench'),
    timeoutMillis: 20_000,
  });
  const provider = kmsKeyProvider('kms', client);
  const seconds = await secondsOf(async () => {
    await provider.state();
    await eachOf(
      Array.from({ length: count }, (_, number) => String(number)),
      CONCURRENCY,
      async (id) => {
        const answers = [await provider.key(id), await provider.settings?.(id), await provider.rotation?.(id)];
        if (answers.some((answer) => answer?.items.length !== 1))
          throw new Error(`key ${id} was left without an answer`);
      },
    );
  });
  await provider.close();
  const { taken, refused } = countsSchema.parse(await (await fetch(server.address)).json());
  const dictated = (taken - BURST) / PER_SECOND;
  return {
    name: `${count} keys of KMS under ${PER_SECOND} requests/s / time of the quota`,
    ours: `${seconds.toFixed(1)} s`,
    peer: `${dictated.toFixed(1)} s`,
    value: seconds / dictated,
    unit: 'times',
    limit: { kind: 'at most', value: 1.2 },
    note: `${taken} requests taken, ${refused} refused and sent again, all keys answered; ${CONCURRENCY} at a time, small server of the shape of KMS on this machine`,
  };
}
