import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { firstCertificate, readCertificate } from '../../../src/collect/hosts/certificate-reading.ts';
import { createHostProbe } from '../../../src/collect/hosts/probe/host-probe.ts';
import { readCertificateFile } from '../../../src/collect/hosts/read-certificate-file.ts';
import { DAY } from '../../../src/model/instant.ts';
import { makeServerCertificate, opensslUnavailable } from '../../services/certificates.ts';
import { scratchDirectory } from '../../services/scratch.ts';

const { signal } = new AbortController();
const probe = createHostProbe();
afterAll(() => probe.close());

describe.skipIf(opensslUnavailable())('a certificate', () => {
  it('tells its names, its issuer and its times', async () => {
    await using scratch = scratchDirectory('certificate');
    const names = ['*.example.com', 'other.example.com'];
    const { certificateFile } = await makeServerCertificate(scratch.path, names);
    const certificate = firstCertificate(await readFile(certificateFile, 'utf8'));
    const reading = certificate === null ? null : readCertificate(certificate);
    expect(reading).toMatchObject({
      names: ['127.0.0.1', 'localhost', ...names],
      issuer: 'CN=Recoverage test authority',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const days = (Date.parse(reading?.validUntil ?? '') - Date.now()) / DAY;
    expect(days).toBeGreaterThan(1.9);
    expect(days).toBeLessThan(2.1);
  });

  it('is the first of a file, and no key beside it comes out', async () => {
    await using scratch = scratchDirectory('certificate');
    const { caFile, certificateFile, keyFile } = await makeServerCertificate(scratch.path);
    const [key, own, authority] = await Promise.all(
      [keyFile, certificateFile, caFile].map((file) => readFile(file, 'utf8')),
    );
    const combined = join(scratch.path, 'combined.pem');
    await writeFile(combined, `${key}${own}${authority}`);
    const found = await readCertificateFile({ probe, signal }, combined);
    expect(found).toEqual(await readCertificateFile({ probe, signal }, certificateFile));
    const secret = (key ?? '').split('\n')[1] ?? '';
    expect(secret).toMatch(/^[A-Za-z0-9+/=]{20,}$/);
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  it('of a file that is not there, or holds none, is a blind spot that names the file', async () => {
    await using scratch = scratchDirectory('certificate');
    const { keyFile } = await makeServerCertificate(scratch.path);
    const broken = join(scratch.path, 'broken.pem');
    await writeFile(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    for (const file of [keyFile, broken, scratch.path]) {
      await expect(readCertificateFile({ probe, signal }, file)).rejects.toMatchObject({
        name: 'SourceError',
        reason: 'unsupported',
      });
    }
    await expect(readCertificateFile({ probe, signal }, join(scratch.path, 'none'))).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'unreachable',
    });
  });
});
