import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/collect/ask.ts';
import type { HostPlanContent } from '../../../src/config/host-plan.ts';
import { HOUR, toInstant } from '../../../src/model/instant.ts';
import type { Secret } from '../../../src/model/secret.ts';
import { BundleError } from '../../../src/pipeline/bundle-file.ts';
import { collectHost } from '../../../src/pipeline/host/collect-host.ts';
import { sealedPlan, writePlan } from '../../../src/pipeline/host/host-plan-file.ts';
import { joinHosts } from '../../../src/pipeline/host/join-hosts.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { type HostCase, type HostCaseOptions, hostCase, INSTALL_ID, KEY } from './host-plan-case.ts';

const { signal } = new AbortController();

async function collected(root: string, options: HostCaseOptions = {}) {
  const host = await hostCase(root, options);
  const file = join(root, 'host.ndjson');
  const outcome = await collectHost({ planFile: host.planFile, file, environment: host.environment, signal });
  return { ...host, file, outcome };
}

const join1 = (
  { loaded }: Pick<HostCase, 'loaded'>,
  files: readonly string[],
  key: Secret | null = KEY,
  now = systemClock(),
) => joinHosts(loaded, files, key, now);

/** The digest line anew, as somebody without the key would write it. */
function resealed(text: string): string {
  const body = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
  return `${body}{"type":"end","digest":"sha256:${createHash('sha256').update(body).digest('hex')}"}\n`;
}

/** A plan that asks for more, in the order of its schema: its MAC is over the text. */
function asking(files: Pick<HostPlanContent, 'licenseFile' | 'certificateFiles'>) {
  return ({ system, stores, locations, copied, digestKey, ...before }: HostPlanContent): HostPlanContent => ({
    ...before,
    ...files,
    system,
    stores,
    locations,
    copied: [
      ...copied,
      ...(files.licenseFile === undefined ? [] : [{ path: files.licenseFile, digest: 'file' as const }]),
    ],
    digestKey,
  });
}

describe('a host bundle', () => {
  it('answers everything that its plan asks', async () => {
    await using scratch = scratchDirectory('host');
    const host = await collected(scratch.path);
    expect(host.outcome.blindSpots).toEqual([]);
    const joined = await join1(host, [host.file]);
    expect(joined.bundles).toMatchObject([{ installId: INSTALL_ID, isAuthenticated: true }]);
    const [bootstrap] = joined.hostFiles('bootstrap', host.paths.bootstrap);
    const [state] = joined.hostFiles('state-directory', host.paths.state);
    expect(bootstrap?.value).toMatchObject({ exists: true, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(state?.value).toMatchObject({ exists: true, files: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(joined.store(host.paths.store)).toMatchObject([{ value: { isDirectory: true, empty: false } }]);
    expect(joined.systems()).toMatchObject([{ value: { platform: process.platform } }]);
    const location = joined.location('sets');
    expect(location?.files.map(({ path }) => path).sort()).toEqual([
      '2026-11-22T03-00-00Z/DONE',
      '2026-11-22T03-00-00Z/bootstrap.env',
      '2026-11-22T03-00-00Z/license.json',
    ]);
    expect(location?.digests('2026-11-22T03-00-00Z', host.paths.bootstrap)?.digest).toBe(bootstrap?.value?.digest);
    expect(location?.failure).toBeNull();
  });

  it('holds no contents and no secret', async () => {
    await using scratch = scratchDirectory('host');
    const { file } = await collected(scratch.path);
    const text = await readFile(file, 'utf8');
    for (const secret of ['very-secret-token', 'very-secret-state', KEY.reveal()]) expect(text).not.toContain(secret);
  });

  it('tells license and certificate files where its plan names them, and of a missing one that it is not there', async () => {
    await using scratch = scratchDirectory('host');
    const license = join(scratch.path, 'license.json');
    const certificate = join(scratch.path, 'none.pem');
    const host = await collected(scratch.path, {
      change: asking({ licenseFile: license, certificateFiles: [certificate] }),
    });
    const joined = await join1(host, [host.file]);
    const [file] = joined.licenseFiles(license);
    expect(file?.value).toMatchObject({
      exists: true,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      says: { installId: INSTALL_ID, validFrom: null, validUntil: '2027-01-31T00:00:00.000Z' },
    });
    expect(joined.location('sets')?.digests('2026-11-22T03-00-00Z', license)?.digest).toBe(file?.value?.digest);
    expect(joined.certificateFiles(certificate)).toMatchObject([{ value: null, blindSpot: { reason: 'unreachable' } }]);
    expect(await readFile(host.file, 'utf8')).not.toContain('very-secret-app-key');
    await using other = scratchDirectory('host');
    const path = join(other.path, 'license.json');
    const without = await collected(other.path, { withKey: false, change: asking({ licenseFile: path }) });
    const bare = await join1(without, [without.file], null);
    expect(bare.licenseFiles(path)).toMatchObject([{ value: { exists: true, digest: null } }]);
  });

  it('is refused whichever single byte is flipped, with a key and without', async () => {
    await using scratch = scratchDirectory('host');
    const withKey = await collected(join(scratch.path));
    await using other = scratchDirectory('host');
    const without = await collected(other.path, { withKey: false });
    for (const [host, key] of [
      [withKey, KEY],
      [without, null],
    ] as const) {
      const bytes = await readFile(host.file);
      await join1(host, [host.file], key);
      const flipped = join(host.root, 'flipped.ndjson');
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.nat(bytes.length - 1),
            fc.nat(400).map((back) => Math.max(0, bytes.length - 1 - back)),
          ),
          fc.integer({ min: 1, max: 255 }),
          async (at, mask) => {
            const changed = Buffer.from(bytes);
            changed[at] = (changed[at] ?? 0) ^ mask;
            await writeFile(flipped, changed);
            await expect(join1(host, [flipped], key)).rejects.toBeInstanceOf(BundleError);
          },
        ),
        { numRuns: 300 },
      );
    }
  });

  it('is refused wherever it is cut, and with anything behind its end', async () => {
    await using scratch = scratchDirectory('host');
    const host = await collected(scratch.path);
    const bytes = await readFile(host.file);
    const changed = join(scratch.path, 'changed.ndjson');
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        await writeFile(changed, bytes.subarray(0, length));
        await expect(join1(host, [changed])).rejects.toBeInstanceOf(BundleError);
      }),
      { numRuns: 100 },
    );
    await writeFile(changed, Buffer.concat([bytes, Buffer.from('{}\n')]));
    await expect(join1(host, [changed])).rejects.toThrow(/cut off/);
    await writeFile(changed, bytes.subarray(0, bytes.length - 1));
    await expect(join1(host, [changed])).rejects.toThrow(/altered or damaged/);
  });

  it('that was altered and given a new digest is caught by its MAC', async () => {
    await using scratch = scratchDirectory('host');
    const host = await collected(scratch.path);
    const text = await readFile(host.file, 'utf8');
    const forged = join(scratch.path, 'forged.ndjson');
    await writeFile(forged, resealed(text.replace('"exists":true', '"exists":false')));
    await expect(join1(host, [forged])).rejects.toThrow(/bears a MAC that the digestKey of this host does not give/);
    await writeFile(forged, resealed(text.replace(/\{"type":"mac".*\}/, '{"type":"mac","mac":null}')));
    await expect(join1(host, [forged])).rejects.toThrow(/bears no MAC/);
  });

  it('without a key is caught by its digest where the change was careless, and not where it was not', async () => {
    await using scratch = scratchDirectory('host');
    const host = await collected(scratch.path, { withKey: false });
    const text = await readFile(host.file, 'utf8');
    const forged = join(scratch.path, 'forged.ndjson');
    await writeFile(forged, text.replace('"exists":true', '"exists":false'));
    await expect(join1(host, [forged], null)).rejects.toThrow(/altered or damaged/);
    // What a digest does not prove, as the documentation says.
    await writeFile(forged, resealed(text.replace('"exists":true', '"exists":false')));
    await expect(join1(host, [forged], null)).resolves.toBeDefined();
  });

  it('without a key bears no digest of contents: none could be compared', async () => {
    await using scratch = scratchDirectory('host');
    const host = await collected(scratch.path, { withKey: false });
    const joined = await join1(host, [host.file], null);
    expect(joined.hostFiles('bootstrap', host.paths.bootstrap)).toMatchObject([
      { value: { exists: true, digest: null } },
    ]);
    expect(joined.location('sets')?.digests('2026-11-22T03-00-00Z', host.paths.bootstrap)?.digest).toBeNull();
  });

  it('is refused by whoever has no key or another one, and says what to change', async () => {
    await using scratch = scratchDirectory('host');
    const host = await collected(scratch.path);
    await expect(join1(host, [host.file], null)).rejects.toThrow(/none is configured here/);
    const { Secret: SecretOf } = await import('../../../src/model/secret.ts');
    await expect(join1(host, [host.file], new SecretOf('another key'))).rejects.toThrow(/does not give/);
  });

  it('of the future is refused, within the tolerance of clocks it is not', async () => {
    await using scratch = scratchDirectory('host');
    const host = await collected(scratch.path);
    const earlier = (millis: number) => toInstant(Date.now() - millis);
    await expect(join1(host, [host.file], KEY, earlier(HOUR))).rejects.toThrow(/is from the future/);
    await expect(join1(host, [host.file], KEY, earlier(60_000))).resolves.toBeDefined();
  });

  it('of another plan is refused: not written under this configuration, or in another wording', async () => {
    await using scratch = scratchDirectory('host');
    const host = await collected(scratch.path);
    await writeFile(host.loaded.config.collect.plans ?? '', '');
    await expect(join1(host, [host.file])).rejects.toThrow(/was not written under this configuration/);
    const { noteIssued } = await import('../../../src/pipeline/host/issued-plans.ts');
    const { digest: _, mac: __, ...content } = host.plan;
    await noteIssued(host.loaded.config.collect.plans ?? '', sealedPlan({ ...content, stores: [] }, KEY));
    await expect(join1(host, [host.file])).rejects.toThrow(/in another wording/);
  });

  it('named twice counts once, and several are joined', async () => {
    await using scratch = scratchDirectory('host');
    const host = await collected(scratch.path);
    const again = join(scratch.path, 'again.ndjson');
    await collectHost({ planFile: host.planFile, file: again, environment: host.environment, signal });
    expect((await join1(host, [host.file, host.file])).bundles).toHaveLength(1);
    const both = await join1(host, [host.file, again]);
    expect(both.bundles).toHaveLength(2);
    expect(both.hostFiles('bootstrap', host.paths.bootstrap)).toHaveLength(2);
    expect(both.location('sets')?.files).toHaveLength(3);
  });

  it('replaces another one and nothing else', async () => {
    await using scratch = scratchDirectory('host');
    const host = await collected(scratch.path);
    const again = { planFile: host.planFile, environment: host.environment, signal };
    await collectHost({ ...again, file: host.file });
    const foreign = join(scratch.path, 'foreign');
    await writeFile(foreign, 'a dump that was named by mistake');
    await expect(collectHost({ ...again, file: foreign })).rejects.toThrow(/is left as it is/);
    expect(await readFile(foreign, 'utf8')).toBe('a dump that was named by mistake');
    await expect(writePlan(foreign, host.plan)).rejects.toThrow(/is left as it is/);
    await expect(writePlan(host.file, host.plan)).rejects.toThrow(/is left as it is/);
  });
});

describe('a plan', () => {
  it('that was altered is refused, and so is one of another key or a newer version', async () => {
    await using scratch = scratchDirectory('host');
    const host = await hostCase(scratch.path);
    const options = { file: join(scratch.path, 'host.ndjson'), environment: host.environment, signal };
    const text = await readFile(host.planFile, 'utf8');
    const altered = join(scratch.path, 'altered.json');
    await writeFile(altered, text.replace(host.paths.bootstrap, '/etc/shadow'));
    await expect(collectHost({ ...options, planFile: altered })).rejects.toThrow(/was altered/);
    const { digest: _, mac: __, ...content } = host.plan;
    await writeFile(
      altered,
      JSON.stringify(sealedPlan({ ...content, hostFiles: [{ role: 'bootstrap', path: '/etc/shadow' }] }, null)),
    );
    await expect(collectHost({ ...options, planFile: altered })).rejects.toThrow(/bears no MAC of the digestKey/);
    await writeFile(altered, text.replace('"hostPlanVersion": 2', '"hostPlanVersion": 3'));
    await expect(collectHost({ ...options, planFile: altered })).rejects.toThrow(/has version 3/);
    await expect(collectHost({ ...options, planFile: join(scratch.path, 'none') })).rejects.toThrow(
      /cannot be read \(ENOENT\)/,
    );
  });

  it('of the version before is answered, and so is a bundle of it joined', async () => {
    await using scratch = scratchDirectory('host');
    const change = (given: HostPlanContent) => {
      const { names: _n, providers: _p, requestTimeoutSeconds: _t, fileSamples: _f, checksums: _c, ...content } = given;
      return { ...content, hostPlanVersion: 1 } as HostPlanContent;
    };
    await using other = scratchDirectory('host');
    const keyed = await collected(other.path, { change });
    expect((await join1(keyed, [keyed.file])).store(keyed.paths.store)).toHaveLength(1);
    const host = await hostCase(scratch.path, { withKey: false, change });
    const file = join(scratch.path, 'host.ndjson');
    await collectHost({ planFile: host.planFile, file, environment: host.environment, signal });
    const text = await readFile(file, 'utf8');
    expect(text).toContain('"hostBundleVersion":2');
    await writeFile(file, resealed(text.replace('"hostBundleVersion":2', '"hostBundleVersion":1')));
    expect((await join1(host, [file], null)).store(host.paths.store)).toMatchObject([{ value: { empty: false } }]);
    await writeFile(file, resealed(text.replace('"hostBundleVersion":2', '"hostBundleVersion":3')));
    await expect(join1(host, [file], null)).rejects.toThrow(/has version 3, and this program reads up to 2/);
  });

  it('whose key is not on the host is refused, with what to set', async () => {
    await using scratch = scratchDirectory('host');
    const host = await hostCase(scratch.path);
    const file = join(scratch.path, 'host.ndjson');
    await expect(collectHost({ planFile: host.planFile, file, environment: {}, signal })).rejects.toThrow(
      /environment variable HOST_CASE_KEY is not set/,
    );
  });

  it('of what is not there is answered with that, and of what cannot be looked at with a blind spot', async () => {
    await using scratch = scratchDirectory('host');
    const host = await hostCase(scratch.path, {
      change: (content) => ({
        ...content,
        hostFiles: [{ role: 'bootstrap', path: '/nowhere/x' }],
        stores: ['/nowhere/store'],
      }),
    });
    const file = join(scratch.path, 'host.ndjson');
    const outcome = await collectHost({ planFile: host.planFile, file, environment: host.environment, signal });
    expect(outcome.blindSpots).toEqual(['"/nowhere/store" does not exist']);
    const joined = await join1(host, [file]);
    expect(joined.hostFiles('bootstrap', '/nowhere/x')).toMatchObject([{ value: { exists: false }, blindSpot: null }]);
    expect(joined.store('/nowhere/store')).toMatchObject([{ value: null, blindSpot: { reason: 'unreachable' } }]);
  });
});
