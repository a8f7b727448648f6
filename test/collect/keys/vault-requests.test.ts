import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  matchVaultReadRequest,
  VAULT_READ_REQUESTS,
  type VaultReadRequest,
  vaultReadPolicy,
  vaultRequestPath,
} from '../../../src/collect/keys/vault-requests.ts';

const REQUESTS = Object.values<VaultReadRequest>(VAULT_READ_REQUESTS);

function match(method: string, path: string): VaultReadRequest | null {
  return matchVaultReadRequest(method, new URL(`https://vault.example/v1/${path}`));
}

describe('the allow-list for Vault', () => {
  it('lets its own requests through, as what they are', () => {
    const word = fc
      .stringMatching(/^[a-z][a-z0-9_.-]{0,11}$/)
      .filter((text) => !/^(sys|auth|identity|cubbyhole)$/.test(text));
    fc.assert(
      fc.property(
        fc.constantFrom(...REQUESTS),
        fc.array(word, { minLength: 1, maxLength: 3 }),
        fc.string({ minLength: 1 }),
        (request, mount, name) => {
          fc.pre(name !== '.' && name !== '..' && !name.includes('/') && name.isWellFormed());
          const path = vaultRequestPath(request, { mount: `/${mount.join('/')}/`, name });
          expect(
            match(
              request.method === 'LIST' ? 'GET' : request.method,
              request.method === 'LIST' ? `${path}?list=1` : path,
            ),
          ).toBe(request);
        },
      ),
    );
  });

  it('lets nothing else be written', () => {
    const path = fc.oneof(
      fc.webPath(),
      fc.constantFrom(
        'sys/seal',
        'transit/keys/acme',
        'transit/keys/acme/rotate',
        'transit/encrypt/acme',
        'sys/capabilities',
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'LIST', 'HEAD'), path, (method, some) => {
        fc.pre(some !== 'sys/capabilities-self');
        expect(match(method, some)).toBeNull();
      }),
    );
    for (const method of ['PUT', 'PATCH', 'DELETE', 'GET']) expect(match(method, 'sys/capabilities-self')).toBeNull();
  });

  it.each([
    'sys/policies/acl/x',
    'sys/mounts',
    'sys/keys/x',
    'auth/keys/x',
    'identity/keys/x',
    'database/creds/reader',
    'transit/export/encryption-key/acme',
    'transit/backup/acme',
    'transit/keys/acme/rotate',
    'transit/keys/acme%2Frotate',
    'transit/keys/../export/acme',
    'transit/keys/',
    'transit/keys/acme?version=1',
    'sys/health?standbyok=true',
    'sys/storage/raft/snapshot',
    'secret/data/acme',
  ])('refuses GET %s', (path) => {
    expect(match('GET', path)).toBeNull();
  });

  it('is bound to the API below /v1/', () => {
    expect(matchVaultReadRequest('GET', new URL('https://vault.example/sys/health'))).toBeNull();
    expect(matchVaultReadRequest('GET', new URL('https://vault.example/v1/sys/health'))).toBe(
      VAULT_READ_REQUESTS.health,
    );
  });
});

describe('vaultReadPolicy', () => {
  it('grants exactly what the list needs', () => {
    expect(
      vaultReadPolicy(['transit', '/orgs/keys/']),
    ).toBe(`# whether keys are left of organizations that are gone (optional)
path "transit/keys" { capabilities = ["list"] }
path "orgs/keys/keys" { capabilities = ["list"] }
# versions and settings of a key
path "transit/keys/+" { capabilities = ["read"] }
path "orgs/keys/keys/+" { capabilities = ["read"] }
# when the token itself expires (optional)
path "auth/token/lookup-self" { capabilities = ["read"] }
# that the token itself cannot write
path "sys/capabilities-self" { capabilities = ["update"] }
# the servers that a snapshot must name (optional)
path "sys/storage/raft/configuration" { capabilities = ["read"] }
# whether its raft cluster is healthy, how many servers it can lose, and the raft term that a snapshot must not exceed (optional)
path "sys/storage/raft/autopilot/state" { capabilities = ["read"] }
# whether the snapshots that Vault Enterprise takes by itself succeed (optional)
path "sys/storage/raft/snapshot-auto/status/+" { capabilities = ["read"] }
`);
  });

  it.each(['', '*', 'a"b', 'a b', 'a\n', '+', '{{x}}', 'a/../b'])(
    'refuses the mount %j, which could widen it',
    (mount) => {
      expect(() => vaultReadPolicy([mount])).toThrow(RangeError);
    },
  );
});
