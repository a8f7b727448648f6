import { describe, expect, it } from 'vitest';
import {
  type AddressClientOptions,
  createAddressClient,
} from '../../../../src/collect/hosts/addresses/address-client.ts';
import { endpointOf, endpointText } from '../../../../src/collect/hosts/addresses/endpoint.ts';
import { opensslUnavailable } from '../../../services/certificates.ts';
import { type NotingServer, startPlainServer, startTlsServer } from './tls-servers.ts';

const { signal } = new AbortController();

function clientOf(port: number, options: Partial<AddressClientOptions> = {}, host = 'localhost') {
  const endpoint = { host, port };
  return { endpoint, client: createAddressClient({ admitted: [endpoint], timeoutMillis: 5000, signal, ...options }) };
}

/** The server sees the end of a connection after the client does; all that was sent came before. */
async function allClosed(server: NotingServer, count: number): Promise<void> {
  await expect.poll(() => server.closed(), { timeout: 5000 }).toBe(count);
}

describe.skipIf(opensslUnavailable())('the certificate that an address shows', () => {
  it('is accepted where its authority is trusted and its name is right, and nothing is sent', async () => {
    await using server = await startTlsServer();
    const { client, endpoint } = clientOf(server.port);
    const shown = await client.shownCertificate(endpoint, server.caFile);
    expect(shown.refusedBecause).toBeNull();
    expect(shown.certificate).toMatchObject({
      names: ['127.0.0.1', 'localhost'],
      issuer: 'CN=Recoverage test authority',
    });
    await allClosed(server, 1);
    expect(server.handshakes).toEqual(['localhost']);
    expect(server.bytes()).toBe(0);
  });

  it('is asked for without a server name where the address is a number', async () => {
    await using server = await startTlsServer();
    const { client, endpoint } = clientOf(server.port, {}, '127.0.0.1');
    expect((await client.shownCertificate(endpoint, server.caFile)).refusedBecause).toBeNull();
    await allClosed(server, 1);
    expect(server.handshakes).toEqual([false]);
  });

  it.each([
    ['its authority is not known', [], {}, false, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['it ran out', [], { days: -1 }, true, 'CERT_HAS_EXPIRED'],
    ['it is for another name', ['other.example'], { elsewhere: true }, true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const)('is told, and refused, where %s, and nothing is sent', async (_, names, made, trusted, code) => {
    await using server = await startTlsServer(names, made);
    const { client, endpoint } = clientOf(server.port);
    const shown = await client.shownCertificate(endpoint, trusted ? server.caFile : null);
    expect(shown.refusedBecause).toBe(code);
    expect(shown.certificate.names).toEqual(names.length > 0 ? names : ['127.0.0.1', 'localhost']);
    expect(Date.parse(shown.certificate.validUntil) < Date.now()).toBe('days' in made);
    await allClosed(server, 1);
    expect(server.bytes()).toBe(0);
  });

  it('is a blind spot where nobody listens, where no TLS is spoken, and where nobody answers', async () => {
    const closed = await startPlainServer('');
    await closed[Symbol.asyncDispose]();
    const nobody = clientOf(closed.port);
    await expect(nobody.client.shownCertificate(nobody.endpoint, null)).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    await using plain = await startPlainServer('220 mail.example ESMTP\r\n');
    const other = clientOf(plain.port);
    await expect(other.client.shownCertificate(other.endpoint, null)).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'unreachable',
    });
  });

  it('is a blind spot where no answer comes in time, and where the run is interrupted', async () => {
    await using server = await startPlainServer('');
    const late = clientOf(server.port, { timeoutMillis: 50 });
    await expect(late.client.shownCertificate(late.endpoint, null)).rejects.toMatchObject({ reason: 'timeout' });
    const interrupted = new AbortController();
    const other = clientOf(server.port, { signal: interrupted.signal });
    const asked = other.client.shownCertificate(other.endpoint, null);
    interrupted.abort();
    await expect(asked).rejects.toMatchObject({ reason: 'not-asked' });
  });

  it('is a blind spot where the authority named is no certificate', async () => {
    await using server = await startTlsServer();
    const { client, endpoint } = clientOf(server.port);
    await expect(client.shownCertificate(endpoint, '/nowhere/ca.pem')).rejects.toMatchObject({ name: 'SourceError' });
    expect(server.handshakes).toEqual([]);
  });
});

describe('a name', () => {
  it('resolves to its addresses, each once', async () => {
    const { client, endpoint } = clientOf(443);
    const found = await client.resolve(endpoint);
    expect(found.length).toBeGreaterThan(0);
    for (const address of found) expect(['127.0.0.1', '::1']).toContain(address);
    const twice = [{ address: '192.0.2.8' }, { address: '192.0.2.7' }, { address: '192.0.2.8' }];
    const other = clientOf(443, { lookup: () => Promise.resolve(twice) });
    expect(await other.client.resolve(other.endpoint)).toEqual(['192.0.2.7', '192.0.2.8']);
  });

  it('that the name service does not know resolves to nothing, as an answer', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }));
    const { client, endpoint } = clientOf(443, { lookup }, 'gone.example');
    expect(await client.resolve(endpoint)).toEqual([]);
  });

  it('is a blind spot where the name service does not answer', async () => {
    const again = () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' }));
    const refused = clientOf(443, { lookup: again });
    await expect(refused.client.resolve(refused.endpoint)).rejects.toMatchObject({ reason: 'unreachable' });
    const silent = clientOf(443, { lookup: () => new Promise(() => undefined), timeoutMillis: 20 });
    await expect(silent.client.resolve(silent.endpoint)).rejects.toMatchObject({ reason: 'timeout' });
  });

  // Reserved, so that it exists nowhere (RFC 6761, 6.4). What a host without a name service says is no answer.
  it('that exists nowhere is never said to resolve', async () => {
    const { client, endpoint } = clientOf(443, {}, 'novantra.invalid');
    const found = await client.resolve(endpoint).catch((error: unknown) => error);
    if (!Array.isArray(found)) expect(found).toMatchObject({ name: 'SourceError' });
    else expect(found).toEqual([]);
  });
});

describe('what is not configured', () => {
  it('is asked nothing, and ends the question as a defect', async () => {
    await using server = await startPlainServer('');
    const { client } = clientOf(443);
    const other = { host: 'localhost', port: server.port };
    await expect(client.resolve(other)).rejects.toMatchObject({ name: 'ForbiddenRequestError' });
    await expect(client.shownCertificate(other, null)).rejects.toMatchObject({ name: 'ForbiddenRequestError' });
  });
});

it.each([
  ['https://novantra.example.com', 'novantra.example.com:443'],
  ['https://Novantra.Example.com.:8443/sign-in', 'novantra.example.com:8443'],
  ['https://[2001:db8::7]:7443', '[2001:db8::7]:7443'],
  ['https://192.0.2.7', '192.0.2.7:443'],
])('%s is asked at %s', (url, text) => {
  expect(endpointText(endpointOf(url))).toBe(text);
});
