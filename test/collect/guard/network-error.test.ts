import { checkServerIdentity } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { networkError } from '../../../src/collect/guard/network-error.ts';

const WHERE = 'Vault at https://vault.example:8200';

function coded(code: string, name = 'Error'): Error {
  return Object.assign(new Error('raw text with a token'), { code, name });
}

describe('networkError', () => {
  it.each([
    ['ECONNREFUSED', 'unreachable'],
    ['ENOTFOUND', 'unreachable'],
    ['EAI_AGAIN', 'unreachable'],
    ['EPROTO', 'unreachable'],
    ['CERT_HAS_EXPIRED', 'unreachable'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'unreachable'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'unreachable'],
    ['ETIMEDOUT', 'timeout'],
  ])('%s is %s', (code, reason) => {
    const error = networkError(coded(code), WHERE);
    expect(error).toMatchObject({ reason });
    expect(error?.message).not.toContain('token');
    expect(error?.cause).toBeUndefined();
  });

  it('takes a reset connection for one whatever the library calls it', () => {
    expect(networkError(coded('ECONNRESET', 'TimeoutError'), WHERE)).toMatchObject({ reason: 'unreachable' });
  });

  it('says which names a certificate has that is for another host', () => {
    const error = checkServerIdentity('vault.example', {
      ...({} as Parameters<typeof checkServerIdentity>[1]),
      subjectaltname: 'DNS:vault-1.internal, DNS:vault-2.internal',
    });
    expect(networkError(error, WHERE)).toMatchObject({
      reason: 'unreachable',
      message: `${WHERE} shows a certificate for another name`,
      remedy: 'Use in the address one of its names: DNS:vault-1.internal, DNS:vault-2.internal.',
    });
  });

  it('looks into an error that gathers one per address', () => {
    expect(networkError(new AggregateError([coded('ECONNREFUSED')]), WHERE)).toMatchObject({ reason: 'unreachable' });
  });

  it('has nothing to say about other errors', () => {
    expect(networkError(new TypeError('x'), WHERE)).toBeNull();
    expect(networkError('text', WHERE)).toBeNull();
  });
});
