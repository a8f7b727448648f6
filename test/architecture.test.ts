import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packageProgram, repository } from '../scripts/package-program.ts';
import { scratchDirectory } from './services/scratch.ts';

/*
 * The architecture, checked: the rules of .dependency-cruiser.cjs hold over src, each of them bites, and the process
 * is touched by its two files only.
 */

const outcome = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

/** Runs the rules over `src` below a directory. @returns every violation, and how many modules were looked at */
async function violationsIn(
  directory: string,
): Promise<{ readonly found: readonly string[]; readonly cruised: number }> {
  const program = packageProgram('dependency-cruiser', 'depcruise');
  const args = [program, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'];
  const stdout = await new Promise<string>((resolve, reject) => {
    // The program ends with the number of violations as its exit code; what matters is on stdout.
    execFile(process.execPath, args, { cwd: directory, maxBuffer: 256 * 1024 * 1024 }, (error, out, err) => {
      if (out === '') reject(error ?? new Error(err));
      else resolve(out);
    });
  });
  const { summary } = outcome.parse(JSON.parse(stdout));
  return {
    cruised: summary.totalCruised,
    found: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
  };
}

/** A file that breaks one rule, by the rule's name. */
const PLANTS: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['model-is-bottom', 'src/model/planted.ts', "import '../evaluate/limits.ts';"],
  ['model-is-bottom', 'src/model/planted-package.ts', "import 'yaml';"],
  ['collect-meets-no-other-stage', 'src/collect/planted.ts', "import '../evaluate/limits.ts';"],
  ['collect-takes-only-types-of-config', 'src/collect/planted-config.ts', "import '../config/load.ts';"],
  ['evaluate-meets-no-other-stage', 'src/evaluate/planted.ts', "import type { Config } from '../config/schema.ts';"],
  ['report-meets-no-other-stage', 'src/report/planted.ts', "import '../evaluate/limits.ts';"],
  ['config-meets-no-other-stage', 'src/config/planted.ts', "import '../collect/servers.ts';"],
  ['pipeline-knows-no-command-line', 'src/pipeline/planted.ts', "import '../cli/io.ts';"],
  ['demo-only-from-its-command', 'src/cli/planted-demo.ts', "import '../demo/timeline.ts';"],
  ['evaluate-is-pure', 'src/evaluate/planted-core.ts', "import { createHash } from 'node:crypto';"],
  ['evaluate-is-pure', 'src/evaluate/planted-package.ts', "import { Cron } from 'croner';"],
  ['schedule-knows-only-croner', 'src/evaluate/schedule.ts', "import { readFileSync } from 'node:fs';"],
  ['sdk-only-in-collect', 'src/pipeline/planted-sdk.ts', "import pg from 'pg';"],
  ['pg-only-behind-the-read-only-session', 'src/collect/planted-pg.ts', "import pg from 'pg';"],
  ['aws-only-behind-an-allow-list', 'src/collect/stores/planted-s3.ts', "await import('@aws-sdk/client-s3');"],
  ['azure-only-behind-an-allow-list', 'src/collect/keys/planted-azure.ts', "await import('@azure/identity');"],
  ['handlebars-only-in-html', 'src/report/formats/planted.ts', "import type Handlebars from 'handlebars';"],
  ['pdfkit-only-in-pdf', 'src/report/planted-pdf.ts', "import PDFDocument from 'pdfkit';"],
  ['controls-do-not-know-each-other', 'src/evaluate/controls/planted.ts', "import './db-1.ts';"],
  ['only-the-registry-knows-controls', 'src/cli/planted-control.ts', "import '../evaluate/controls/db-1.ts';"],
  ['sources-do-not-know-each-other', 'src/collect/hosts/planted.ts', "import '../backups/dump-moment.ts';"],
  ['key-providers-do-not-know-each-other', 'src/collect/keys/kms-planted.ts', "import './vault-error.ts';"],
  ['key-providers-do-not-know-each-other', 'src/collect/keys/vault-planted.ts', "import './kms-error.ts';"],
  [
    'artifact-formats-do-not-know-each-other',
    'src/collect/formats/pg-dump/planted.ts',
    "import '../vault-snapshot/protobuf.ts';",
  ],
  ['report-formats-do-not-know-each-other', 'src/report/formats/csv/planted.ts', "import '../json.ts';"],
  ['only-html-knows-its-templates', 'src/report/planted-html.ts', "import './formats/compiled-templates.ts';"],
  ['artifact-formats-read-bytes-only', 'src/collect/formats/planted.ts', "import { open } from 'node:fs/promises';"],
  ['network-only-in-collect', 'src/report/planted-network.ts', "import { connect } from 'node:net';"],
  ['network-only-behind-a-guard', 'src/collect/planted-network.ts', "import { request } from 'node:https';"],
  ['no-child-process', 'src/collect/planted-program.ts', "import { spawn } from 'node:child_process';"],
  ['no-child-process', 'src/collect/planted-cluster.ts', "import cluster from 'node:cluster';"],
  ['pkcs11-only-behind-its-guard', 'src/collect/planted-module.ts', "import pkcs11js from 'pkcs11js';"],
  ['a-process-only-holds-a-module', 'src/collect/planted-holder.ts', "import './keys/pkcs11-process.ts';"],
  ['threads-only-in-two-places', 'src/collect/planted-thread.ts', "import { Worker } from 'node:worker_threads';"],
  ['a-probe-only-looks', 'src/collect/planted-probe.ts', "import './hosts/probe/probe-program.ts';"],
  ['a-thread-only-judges', 'src/pipeline/planted-judging.ts', "import './judging/judging-thread.ts';"],
  ['a-thread-only-reads', 'src/collect/backups/planted-thread.ts', "import './threads/reading-thread.ts';"],
  ['waiting-for-files-only-in-threads', 'src/collect/backups/planted-access.ts', "import '../trees/file-access.ts';"],
  ['files-only-at-the-edges', 'src/report/formats/csv/planted-file.ts', "import { writeFileSync } from 'node:fs';"],
  ['no-cycles', 'src/report/planted-a.ts', "import './planted-b.ts';"],
  ['everything-is-reachable', 'src/report/planted-b.ts', "import './planted-a.ts';"],
  ['everything-is-reachable', 'src/report/planted-island.ts', 'export {};'],
  ['everything-resolves', 'src/report/planted-nowhere.ts', "import './nowhere.ts';"],
  ['no-development-packages', 'src/report/planted-development.ts', "import 'vitest';"],
];

/** Every place in src that touches the process, as `file: member`. Comments do not count. */
function processUses(directory: string): readonly string[] {
  return readdirSync(join(directory, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const code = readFileSync(join(directory, 'src', file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      const named = /from '(?:node:)?process'/.test(code) ? ['import'] : [];
      const members = [...code.matchAll(/(?<![.\w'])process\.(\w+)/g)].map((match) => match[1] ?? '');
      return [...new Set([...named, ...members])].map((member) => `src/${file.replaceAll('\\', '/')}: ${member}`);
    })
    .sort();
}

/** What is the same for the whole life of the process, so that reading it anywhere makes nothing depend on the shell. */
const CONSTANTS: ReadonlySet<string> = new Set(['versions', 'platform', 'arch', 'pid']);
/** The demo ends the PostgreSQL that it started, as another user where it runs as root, and finds it where npm put it. */
const DEMO: ReadonlySet<string> = new Set(['once', 'prependOnceListener', 'off', 'kill', 'getuid', 'cwd']);

/** The channel between a process that holds a vendor's module and the audit. */
const CHANNEL: ReadonlySet<string> = new Set(['on', 'once', 'send', 'disconnect', 'exit']);

function isAllowed(use: string): boolean {
  const [file = '', member = ''] = use.split(': ');
  if (file === 'src/cli.ts' || file === 'src/cli/process-io.ts') return true;
  // A process of its own, which has nothing else to speak to the audit by.
  if (file === 'src/collect/keys/pkcs11-process.ts') return CHANNEL.has(member);
  // It ends that process with whatever the module started.
  if (file === 'src/collect/keys/pkcs11-child.ts' && member === 'kill') return true;
  if (/^src\/(model|evaluate|report|collect)\//.test(file)) return false;
  return CONSTANTS.has(member) || (file.startsWith('src/demo/') && DEMO.has(member));
}

describe('architecture', () => {
  it('holds', async () => {
    const { found, cruised } = await violationsIn(repository);
    expect(cruised).toBeGreaterThan(300);
    expect(found).toEqual([]);
  });

  it('touches the process in its two files only', () => {
    const uses = processUses(repository);
    expect(uses).toContain('src/cli/process-io.ts: stdout');
    expect(uses.filter((use) => !isAllowed(use))).toEqual([]);
  });
});

describe('the rules bite', () => {
  let found: readonly string[] = [];
  let uses: readonly string[] = [];

  beforeAll(async () => {
    using scratch = scratchDirectory('architecture');
    for (const name of ['src', '.dependency-cruiser.cjs', 'package.json', 'tsconfig.json']) {
      cpSync(join(repository, name), join(scratch.path, name), { recursive: true });
    }
    symlinkSync(join(repository, 'node_modules'), join(scratch.path, 'node_modules'), 'junction');
    for (const [, file, text] of PLANTS) writeFileSync(join(scratch.path, file), `${text}\n`);
    writeFileSync(join(scratch.path, 'src/evaluate/planted-clock.ts'), 'export const zone = process.env;\n');
    ({ found } = await violationsIn(scratch.path));
    uses = processUses(scratch.path);
  });

  it.each(PLANTS)('%s: %s', (rule, file) => {
    const hits = found.filter((one) => one.startsWith(`${rule}: ${file} -> `) || one === `${rule}: ${file}`);
    const reached =
      rule === 'everything-is-reachable' && found.some((one) => one.startsWith(rule) && one.endsWith(file));
    expect(hits.length > 0 || reached, `${rule} did not see ${file}`).toBe(true);
  });

  it('has a planted violation for every rule', () => {
    const rules = z
      .object({ forbidden: z.array(z.object({ name: z.string(), comment: z.string().min(40) })) })
      .parse(createRequire(import.meta.url)('../.dependency-cruiser.cjs'));
    const planted = new Set(PLANTS.map(([rule]) => rule));
    expect(rules.forbidden.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([]);
  });

  it('sees the process in a file that may not touch it', () => {
    expect(uses.filter((use) => !isAllowed(use))).toContain('src/evaluate/planted-clock.ts: env');
  });
});
