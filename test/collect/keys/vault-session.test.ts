import { expect, it } from 'vitest';
import { givenToken, loginSession } from '../../../src/collect/keys/vault-session.ts';

it('a token that was given is neither replaced nor ours to revoke', async () => {
  const session = givenToken('given');
  expect(await session.token()).toBe('given');
  expect(await session.renewed('given')).toBeNull();
  expect(session.own()).toBeNull();
});

it('logs in once for all who ask at the same time, and once more where a token is refused', async () => {
  let logins = 0;
  const session = loginSession('Vault', async () => {
    logins += 1;
    return `token-${logins}`;
  });
  expect(session.own()).toBeNull();
  expect(await Promise.all([session.token(), session.token()])).toEqual(['token-1', 'token-1']);
  expect(await Promise.all([session.renewed('token-1'), session.renewed('token-1')])).toEqual(['token-2', 'token-2']);
  // A request that was sent with the old one and is refused late takes the one that is there.
  expect(await session.renewed('token-1')).toBe('token-2');
  expect(session.own()).toBe('token-2');
  expect(logins).toBe(2);
});

it('does not try a refused login again for every key', async () => {
  let logins = 0;
  const session = loginSession('Vault', async () => {
    logins += 1;
    throw new Error('refused');
  });
  for (let key = 0; key < 5; key += 1) await expect(session.token()).rejects.toThrow('refused');
  expect(logins).toBe(1);
});

it('gives up where every token is refused at once', async () => {
  let logins = 0;
  const session = loginSession('Vault', async () => {
    logins += 1;
    return `token-${logins}`;
  });
  let token = await session.token();
  const renewing = async () => {
    for (let time = 0; time < 200; time += 1) token = (await session.renewed(token)) ?? '';
  };
  await expect(renewing()).rejects.toMatchObject({
    reason: 'unauthorized',
    message: expect.stringContaining('lived too short'),
  });
  expect(logins).toBe(100);
});
