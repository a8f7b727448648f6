import { DAMAGE_WORDS } from './damage-place.ts';
import { type DamageRecord, MISSED } from './damage-record.ts';
import type { Found, Measurement, Told } from './measure-damage.ts';
import { LIMIT_MS } from './vendor-tool.ts';

/** What the document is made of besides what was measured. */
export interface DocumentPlan {
  readonly seed: number;
  /** Names of all formats, in the order of their tables. */
  readonly formats: readonly string[];
  /** Why a format could not be measured, by its name. */
  readonly unavailable: ReadonlyMap<string, string>;
}

const NOTHING_MISSED = `Of what is opened here, nowhere among these places: what a tool refused, no reading in full called complete. Of what is
not, encrypted files and repositories of other programs, their tools find what the tables say, and nothing in them is ever
called complete. The same is asked of archives that the fuzzer damaged (\`test/fuzz/oracle.test.ts\`), and of base backups,
of which files were taken away or added as well, at both depths (\`test/damage/base-backup-oracle.test.ts\`).`;

/** The text of docs/damage.md. */
export function damageDocument({ tables, missed, versions }: DamageRecord, plan: DocumentPlan): string {
  const measured = plan.formats.flatMap((name) => {
    const table = tables.get(name);
    return table === undefined ? [] : [`### ${name}\n\n${table}\n`];
  });
  const unmeasured = plan.formats
    .filter((name) => !tables.has(name))
    .map((name) => `- ${name}: ${plan.unavailable.get(name) ?? 'its measurement was not finished'}`);
  return `# Damage: what is found, measured

A real artifact of each format was damaged at seeded places, each byte of it as likely as any other: one byte altered, the
file cut off, or one aligned block of 4 KiB set to zeros. Each damaged artifact was read at both depths, and the first of
them also by the vendor's own tool, started anew each time; *found* means that the artifact was not taken to be whole.

- **structure**: not found is what is *unproven*, too: it counts as no complete copy, but nobody said that it is damaged.
- **with SHA-256**: read in full, and compared with the sum that a backup run recorded.
- **no answer**: so often a tool did not end within ${LIMIT_MS / 1000} s (checks of restic and Borg: 20 s), which is neither;
  pg_restore may never end on a damaged tar.
- **fewer places**: each table's tools were given the first of the same places, and fewer than this program, because each of
  them is written to disk and starts a process anew, which takes longest where it looks at a whole cluster or repository;
  for the same reason few places were read here where that asks restic or Borg.
- A dash: there is no such thing, as for a directory, which has no sum. Without a column of a tool, the vendor has none.
- Measured with ${inTwoLines(versions)}; seed ${plan.seed}.
- Measure again: \`npm run bench -- --only damage\`, or with \`--format NAME\` the tables whose names hold that text.

## What follows

- An altered byte in rows that are not compressed is found by nobody without a recorded sum: PostgreSQL's archives hold
  none. Base backups with a manifest and repositories of pgBackRest hold them for every file. In plain dumps that state
  the encoding UTF8 about half are found: those that leave no UTF-8, which the server refuses.
- What is not found in compressed archives lies in the table of contents, which is not compressed.
- Everything that is cut off is found at full depth, but of what is not opened: encrypted files, and in repositories of
  restic the file \`config\`, which restic itself looks at.
- Bytes that mean nothing are found by nobody: times in headers of gzip, padding, WAL behind the end of a backup, what
  lz4 takes from another place that holds the same.
- \`pg_restore -l\` reads the table of contents and nothing else: that it lists an archive says nothing about the rows.

## The formats

${measured.join('\n')}
## ${MISSED}

${missed.length === 0 ? NOTHING_MISSED : missed.map((place) => `- ${place}`).join('\n')}
${unmeasured.length === 0 ? '' : `\n## Not measured\n\n${unmeasured.join('\n')}\n`}`;
}

function inTwoLines(words: readonly string[]): string {
  const half = Math.ceil(words.length / 2);
  const lines = [words.slice(0, half), words.slice(half)].filter((line) => line.length > 0);
  return lines.map((line) => line.join(', ')).join(',\n  ');
}

/** What stands below the heading of a format. */
export function damageTable(measurements: readonly Measurement[], note: string | undefined): string {
  const tools = measurements[0]?.tools.map(({ name }) => name) ?? [];
  const head = ['damage', 'structure', 'full', 'with SHA-256', ...tools.map((name) => `\`${name}\``)];
  const rows = measurements.map(({ kind, structure, full, recorded, tools: asked }) => [
    DAMAGE_WORDS[kind],
    shown(structure),
    shown(full),
    recorded === null ? '–' : shown(recorded),
    ...asked.map(({ result }) => told(result)),
  ]);
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return note === undefined ? table : `${note}\n\n${table}`;
}

function shown({ found, of }: Found): string {
  return of === 0 ? '–' : `${found} of ${of}`;
}

function told(result: Told): string {
  return result.unanswered === 0 ? shown(result) : `${shown(result)}, no answer: ${result.unanswered}`;
}
