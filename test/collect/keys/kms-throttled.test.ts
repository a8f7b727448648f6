import { expect, it } from 'vitest';
import { eachOf } from '../../../src/collect/concurrency.ts';
import { createKmsClient } from '../../../src/collect/keys/kms-client.ts';
import { kmsKeyProvider } from '../../../src/collect/keys/kms-key-provider.ts';
import { Secret } from '../../../src/model/secret.ts';
import { asksForCaller, sayCaller } from '../../services/caller-identity.ts';
import { tokenBucket } from '../../services/token-bucket.ts';
import { type Answer, json, scriptedServer } from '../conformance/scripted-server.ts';

const ACCOUNT = '111122223333';
const arn = (id: string) => `arn:aws:kms:eu-central-1:${ACCOUNT}:key/${id}`;
const Policy = JSON.stringify({
  Statement: { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'kms:*', Resource: '*' },
});

/** What AWS KMS answers about a key that is as any other. */
function answerOf(operation: string, id: string): object {
  switch (operation) {
    case 'ListKeys':
      return { Keys: [{ KeyId: 'x', KeyArn: arn('x') }] };
    case 'DescribeKey':
      return {
        KeyMetadata: { KeyId: id, Arn: arn(id), KeyState: 'Enabled', KeyUsage: 'ENCRYPT_DECRYPT', Origin: 'AWS_KMS' },
      };
    case 'GetKeyPolicy':
      return { Policy };
    case 'GetKeyRotationStatus':
      return { KeyRotationEnabled: true };
    default:
      return {};
  }
}

async function readAll(count: number, answer: Answer): Promise<readonly unknown[]> {
  await using server = await scriptedServer((request, response) =>
    asksForCaller(request) ? sayCaller(response, ACCOUNT) : answer(request, response),
  );
  const client = createKmsClient({
    region: 'eu-central-1',
    endpoint: server.address,
    stsEndpoint: server.address,
    accessKeyId: new Secret('AKIATEST'),
    secretAccessKey: new Secret('secret'),
    timeoutMillis: 10_000,
    throttlePatienceMillis: 3000,
  });
  const provider = kmsKeyProvider('kms', client);
  const failures: unknown[] = [];
  await provider.state();
  await eachOf(
    Array.from({ length: count }, (_, index) => String(index)),
    16,
    async (id) => {
      const questions = [() => provider.key(id), () => provider.settings?.(id), () => provider.rotation?.(id)];
      for (const ask of questions) {
        await Promise.resolve(ask())
          .then((found) => expect(found?.items).toHaveLength(1))
          .catch((error: unknown) => failures.push(error));
      }
    },
  );
  client.close();
  return failures;
}

it('leaves no key without an answer where KMS refuses what is above its quota', async () => {
  const bucket = tokenBucket(200, 20);
  let refused = 0;
  const failures = await readAll(150, (request, response) => {
    if (!bucket.take()) {
      refused += 1;
      return json(response, 400, { __type: 'ThrottlingException', message: 'Rate exceeded' });
    }
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    return json(response, 200, answerOf(operation, String(JSON.parse(request.body).KeyId)));
  });
  expect(failures).toEqual([]);
  expect(refused).toBeGreaterThan(0);
});

it('asks again where an answer broke, and says so where it breaks again and again', async () => {
  const tries = new Map<string, number>();
  const breaking =
    (times: number): Answer =>
    (request, response) => {
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      const question = `${operation} ${request.body}`;
      const tried = (tries.get(question) ?? 0) + 1;
      tries.set(question, tried);
      if (operation !== 'ListKeys' && tried <= times) return json(response, 500, { __type: 'KMSInternalException' });
      return json(response, 200, answerOf(operation, String(JSON.parse(request.body).KeyId)));
    };
  expect(await readAll(3, breaking(2))).toEqual([]);
  tries.clear();
  const unreachable = { reason: 'unreachable' };
  expect(await readAll(1, breaking(3))).toMatchObject([unreachable, unreachable, unreachable]);
});
