import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../../../src/collect/ask.ts';
import type { Collection } from '../../../../src/collect/estate.ts';
import { addressEvidence } from '../../../../src/collect/hosts/addresses/address-evidence.ts';
import type { CertificateReading } from '../../../../src/collect/hosts/certificate-reading.ts';
import { hostProbe } from '../../../../src/collect/hosts/probe/host-probe.ts';
import { type JoinedBundle, NOTHING_JOINED } from '../../../../src/collect/recorded/joined-hosts.ts';
import type { Config } from '../../../../src/config/schema.ts';
import { INSTALL } from '../../../evaluate/fixture.ts';
import { opensslUnavailable } from '../../../services/certificates.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { startTlsServer } from './tls-servers.ts';

const { signal } = new AbortController();
afterAll(() => hostProbe.close());

interface Case {
  readonly addresses: Config['install']['addresses'];
  readonly collectorRunsHere?: boolean;
  /** What a bundle of the install host says of any certificate file. */
  readonly joined?: CertificateReading | null;
}

const BUNDLE = { digest: 'sha256:b', collectorHost: 'install-1' } as JoinedBundle;
const BLIND = { reason: 'unreachable', detail: 'it does not exist', remedy: 'Check the path.' } as const;
const AT = '2026-11-22T12:00:00.000Z';

function evidenceOf({ addresses, collectorRunsHere = true, joined }: Case) {
  const answer = { bundle: BUNDLE, collectedAt: AT, value: joined ?? null, blindSpot: joined === null ? BLIND : null };
  const collection = {
    asker: createAsker(systemClock, [], signal),
    signal,
    config: { install: { addresses, collectorRunsHere }, collect: { connectTimeoutSeconds: 5 } },
    joined: { ...NOTHING_JOINED, certificateFiles: () => (joined === undefined ? [] : [answer]) },
  } as unknown as Collection;
  return addressEvidence(collection, INSTALL);
}

const READING: CertificateReading = {
  names: ['localhost'],
  issuer: 'CN=Of the bundle',
  validFrom: '2026-10-01T00:00:00.000Z',
  validUntil: '2027-10-01T00:00:00.000Z',
  sha256: 'a'.repeat(64),
};

describe.skipIf(opensslUnavailable())('an address', () => {
  it('without a certificate file is asked to show its certificate', async () => {
    await using server = await startTlsServer();
    const [address, certificate, ...others] = await evidenceOf({
      addresses: [{ url: `https://localhost:${server.port}/app`, caFile: server.caFile }],
    });
    expect(others).toEqual([]);
    expect(address).toMatchObject({ kind: 'address', items: [{ host: 'localhost', port: server.port }] });
    expect(certificate).toMatchObject({
      kind: 'certificate',
      source: `address localhost:${server.port}`,
      operation: 'TLS handshake, nothing sent after it',
      items: [{ origin: 'handshake', address: `localhost:${server.port}`, refusedBecause: null, path: null }],
    });
    await expect.poll(() => server.closed(), { timeout: 5000 }).toBe(1);
    expect(server.bytes()).toBe(0);
  });

  it('is not connected to where its certificate file was read', async () => {
    await using server = await startTlsServer();
    const { port, certificateFile } = server;
    const found = await evidenceOf({ addresses: [{ url: `https://localhost:${port}`, certificateFile }] });
    expect(found[1]).toMatchObject({ items: [{ origin: 'file', path: certificateFile, refusedBecause: null }] });
    expect(found).toHaveLength(2);
    expect(server.handshakes).toEqual([]);
  });

  it('is asked where the file is not there or holds none, and that stays a blind spot', async () => {
    await using server = await startTlsServer();
    await using scratch = scratchDirectory('address');
    const empty = join(scratch.path, 'empty.pem');
    await writeFile(empty, '');
    for (const certificateFile of [join(scratch.path, 'none.pem'), empty]) {
      const [, file, shown] = await evidenceOf({
        addresses: [{ url: `https://localhost:${server.port}`, certificateFile, caFile: server.caFile }],
      });
      expect(file).toMatchObject({ items: [], blindSpot: { detail: expect.stringContaining(certificateFile) } });
      expect(shown).toMatchObject({ items: [{ origin: 'handshake' }], blindSpot: null });
    }
  });

  it('takes what the install host said of its file, and is asked where that host could not read it', async () => {
    await using server = await startTlsServer();
    const addresses = [{ url: `https://localhost:${server.port}`, certificateFile: '/etc/tls/a.pem' }];
    const joined = await evidenceOf({ addresses, collectorRunsHere: false, joined: READING });
    expect(joined[1]).toMatchObject({ collectedAt: AT, items: [{ ...READING, origin: 'file' }] });
    expect(joined).toHaveLength(2);
    expect(server.handshakes).toEqual([]);
    const blind = await evidenceOf({ addresses, collectorRunsHere: false, joined: null });
    expect(blind[1]).toMatchObject({ items: [], blindSpot: BLIND });
    expect(blind[2]).toMatchObject({
      items: [{ origin: 'handshake', refusedBecause: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
    });
    const elsewhere = await evidenceOf({ addresses, collectorRunsHere: false });
    expect(elsewhere.map(({ blindSpot }) => blindSpot)).toEqual([null, null]);
  });

  it('that nobody answers at is a blind spot, and each of several has records of its own', async () => {
    await using server = await startTlsServer();
    const { port } = server;
    await server[Symbol.asyncDispose]();
    const found = await evidenceOf({
      addresses: [{ url: `https://localhost:${port}` }, { url: `https://127.0.0.1:${port}` }],
    });
    expect(found.map(({ kind }) => kind)).toEqual(['address', 'certificate', 'address', 'certificate']);
    expect(found[1]?.blindSpot).toMatchObject({ reason: 'unreachable' });
    expect(new Set(found.map(({ id }) => id)).size).toBe(4);
  });
});

it('nothing is asked where no address is configured', async () => {
  expect(await evidenceOf({ addresses: [] })).toEqual([]);
});
