import { expect, it } from 'vitest';
import { z } from 'zod';
import { createVaultClient } from '../../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../../src/collect/keys/vault-key-provider.ts';
import { Secret } from '../../../src/model/secret.ts';
import { json, scriptedServer } from '../conformance/scripted-server.ts';

/** What the provider says of its rights, where the token may change only the paths given. */
async function rights(keyRefs: readonly string[], writable: readonly string[], expires?: string | null) {
  const asked: string[] = [];
  await using server = await scriptedServer((request, response) => {
    if (request.method !== 'POST' && expires !== undefined) {
      return json(response, 200, { data: { expire_time: expires } });
    }
    if (request.method !== 'POST') return json(response, 403, { errors: ['permission denied'] });
    const { paths } = z.object({ paths: z.array(z.string()) }).parse(JSON.parse(request.body));
    asked.push(...paths);
    return json(response, 200, {
      data: Object.fromEntries(paths.map((path) => [path, writable.includes(path) ? ['update'] : ['deny']])),
    });
  });
  const client = createVaultClient({ address: server.address, token: new Secret('hvs.token'), timeoutMillis: 10_000 });
  const answer = await vaultKeyProvider('vault', client, 'transit').rights(keyRefs);
  await client.close();
  return { item: answer?.items[0], asked };
}

it('finds a right to change one key by name, and does not name that key', async () => {
  const { item } = await rights(['install', 'acme'], ['transit/keys/acme/config']);
  expect(item).toMatchObject({ canWrite: true, because: expect.stringContaining('such as transit/keys/KEY/config') });
  expect(item?.because).not.toContain('acme');
});

it('says of how many keys it asked by name, leaving out what no transit key can be called', async () => {
  const { item, asked } = await rights(['acme', ' acme', 'a/b', ''], []);
  expect(item).toMatchObject({ canWrite: false, because: expect.stringContaining('(1 key by name)') });
  expect(asked).toContain('transit/keys/acme/rotate');
  expect(asked.filter((path) => path.includes(' ') || path.includes('a/b'))).toEqual([]);
});

it('says when its token expires, where that is told and it does', async () => {
  const { item } = await rights(['acme'], [], '2026-11-23T06:00:00.123456789Z');
  expect(item?.because).toMatch(/^the token may change none of .*; it expires on 2026-11-23 06:00 UTC$/);
  for (const untold of [null, undefined]) {
    expect((await rights(['acme'], [], untold)).item?.because).not.toContain('expires');
  }
});
