import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateBundle } from '../bench/generate-bundle.ts';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { type ScratchDirectory, scratchDirectory, waitUntil } from '../services/scratch.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES, SECRETS } from './install-configuration.ts';
import { type RunningCli, runCli, startCli } from './run-cli.ts';

const LONGEST_END_MILLIS = 20_000;

let scratch: ScratchDirectory;
/** The system's directory for temporary files, as the command sees it. */
let temporary = '';
/** Where reports and bundles go. */
let output = '';
beforeEach(async () => {
  scratch = scratchDirectory('interruption');
  temporary = join(scratch.path, 'tmp');
  output = join(scratch.path, 'out');
  for (const directory of [temporary, output]) await mkdir(directory);
});
afterEach(() => scratch[Symbol.dispose]());

/** Interrupts the command and checks that it ends in time, says so, and leaves just what was there before. */
async function expectNothingLeft(command: RunningCli, before: readonly string[], signals = 1): Promise<void> {
  const startedAt = performance.now();
  for (let sent = 0; sent < signals; sent += 1) command.kill('SIGINT');
  const { exitCode, signal, stdout } = await command.result;
  expect(performance.now() - startedAt).toBeLessThan(LONGEST_END_MILLIS);
  expect({ exitCode, signal, stdout }).toEqual({ exitCode: 130, signal: null, stdout: '' });
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(output)).toEqual(before);
}

describe('Ctrl-C while a saved bundle is judged and rendered', () => {
  let saved: ScratchDirectory;
  let bundle = '';
  beforeAll(async () => {
    saved = scratchDirectory('interrupted-bundle');
    bundle = join(saved.path, 'evidence.ndjson');
    await generateBundle({ file: bundle, organizations: 300, seed: 1 });
  });
  afterAll(() => saved?.[Symbol.dispose]());

  const start = (...args: readonly string[]) =>
    startCli([...args, '--bundle', bundle, '--output', join(output, 'report')], { environment: { TMPDIR: temporary } });
  const isThere = (directory: string, name: RegExp) => async () =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' }).some((one) => name.test(one)) || null;

  it.each([1, 2])('during judging, %i times', async (signals) => {
    const command = start('judge');
    await waitUntil('judging has begun', isThere(temporary, /chapters\.ndjson$/));
    await expectNothingLeft(command, [], signals);
  });

  it.each([
    ['html', 1],
    ['pdf', 1],
    ['pdf', 2],
  ] as const)('during the rendering of %s, %i times', async (format, signals) => {
    const command = start('render', '--format', format);
    await waitUntil('rendering has begun', isThere(output, /^\.report\.part-/));
    await expectNothingLeft(command, [], signals);
  });

  it('leaves an earlier report as it was', async () => {
    const first = await runCli(['judge', '--bundle', bundle, '--format', 'json', '--output', join(output, 'report')], {
      environment: { TMPDIR: temporary },
    });
    expect(first.exitCode).toBe(1);
    const manifest = await readFile(join(output, 'report', 'manifest.sha256'), 'utf8');
    const command = start('render');
    await waitUntil('rendering has begun', isThere(output, /^\.report\.part-/));
    await expectNothingLeft(command, ['report']);
    expect(await readFile(join(output, 'report', 'manifest.sha256'), 'utf8')).toBe(manifest);
  });
});

describe.skipIf(embeddedPostgresUnavailable())('Ctrl-C while a server keeps the audit waiting', () => {
  let install: Install;
  let hanging: Server;
  let configFile = '';
  let connections = 0;
  beforeAll(async () => {
    install = await buildInstall();
    hanging = createServer(() => {
      connections += 1;
    });
    hanging.listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const { port } = hanging.address() as AddressInfo;
    const [first] = install.organizations;
    await install.server.query(
      `UPDATE novantra.tenant_databases SET host = '127.0.0.1', port = ${port} WHERE organization_id = '${first?.id}'`,
      NAMES.installDatabase,
    );
    configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        servers: [
          {
            name: 'hanging',
            host: '127.0.0.1',
            port,
            user: NAMES.auditor,
            password: `env:${SECRETS.password}`,
            tls: 'disable',
          },
        ],
        collect: { connectTimeoutSeconds: 60 },
      }),
    );
  });
  afterAll(async () => {
    hanging?.close();
    await install?.[Symbol.asyncDispose]();
  });

  it.each([
    ['scan', 1],
    ['scan', 2],
    ['collect', 1],
    ['gate', 1],
  ] as const)('during %s, %i times', async (name, signals) => {
    connections = 0;
    const args = {
      scan: ['--output', join(output, 'report'), '--bundle', join(output, 'evidence.ndjson')],
      collect: ['--bundle', join(output, 'evidence.ndjson')],
      gate: [],
    }[name];
    const environment = { ...install.environment, TMPDIR: temporary };
    const command = startCli([name, '--config', configFile, ...args], { environment });
    await waitUntil('the server is asked', async () => (connections > 0 ? true : null));
    await expectNothingLeft(command, [], signals);
    expect(existsSync(join(install.directories.reports))).toBe(false);
  });
});
