import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { systemClock } from '../../src/collect/ask.ts';
import { buildDemoInstall, type DemoInstall } from '../../src/demo/build-demo-install.ts';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { scratchDirectory } from '../services/scratch.ts';

const reason = embeddedPostgresUnavailable();

describe.skipIf(reason !== null)(`law 6: no secret in any output${reason === null ? '' : ` (${reason})`}`, () => {
  const scratch = scratchDirectory('secrets');
  let install: DemoInstall;
  beforeAll(async () => {
    install = await buildDemoInstall({
      directory: join(scratch.path, 'install'),
      reports: join(scratch.path, 'reports'),
      now: systemClock(),
      signal: new AbortController().signal,
    });
  });
  afterAll(async () => {
    await install?.stop();
    scratch[Symbol.dispose]();
  });

  test.each([
    ['as configured', {}],
    ['with a wrong password and token', { wrong: true }],
  ] as const)('%s', { timeout: 120_000 }, async (_title, options) => {
    const outputs: string[] = [];
    const secrets = Object.fromEntries(
      Object.entries(install.environment).map(([name, value]) => [
        name,
        'wrong' in options ? `planted-${value}` : value,
      ]),
    );
    const output = join(scratch.path, `report-${outputs.length}-${'wrong' in options}`);
    const bundle = join(scratch.path, `bundle-${'wrong' in options}.ndjson`);
    const write = (text: string) => {
      outputs.push(text);
    };
    await main(['scan', '--config', install.configFile, '--output', output, '--bundle', bundle, '--json'], {
      stdout: { write },
      stderr: { isTerminal: false, write },
      environment: { ...process.env, ...secrets },
      workingDirectory: scratch.path,
      signal: new AbortController().signal,
      isInteractive: false,
      ask: () => Promise.reject(new Error('nobody is asked')),
    });
    for (const name of await readdir(output)) outputs.push(await readFile(join(output, name), 'latin1'));
    outputs.push(await readFile(bundle, 'utf8'));
    expect(outputs.join('').length).toBeGreaterThan(2000);
    for (const secret of Object.values(secrets)) {
      expect(secret.length).toBeGreaterThan(8);
      for (const text of outputs) expect(text.includes(secret)).toBe(false);
    }
  });
});
