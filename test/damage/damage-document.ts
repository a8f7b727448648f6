import { DAMAGE_WORDS } from './damage-place.ts';
import type { Found, Measurement, Told } from './measure-damage.ts';

export interface MeasuredFormat {
  readonly name: string;
  readonly measurements: readonly Measurement[];
}

/** What the tables were measured with. */
export interface MeasuredWith {
  readonly seed: number;
  readonly versions: readonly string[];
  /** Formats that could not be measured, and why. */
  readonly unmeasured: readonly string[];
}

const NOTHING_MISSED = `Nowhere among these places: whatever a tool refused, a reading in full refused, too. The same is asked of archives that
the fuzzer damaged, at both depths: \`test/fuzz/oracle.test.ts\`.`;

/** The text of docs/damage.md. */
export function damageDocument(
  formats: readonly MeasuredFormat[],
  { seed, versions, unmeasured }: MeasuredWith,
): string {
  const tables = formats.map(({ name, measurements }) => `### ${name}\n\n${tableOf(measurements)}`);
  const missed = formats.flatMap(({ name, measurements }) =>
    measurements.flatMap((one) => one.missed.map((place) => `- ${name}: ${place}`)),
  );
  return `# Damage: what is found, measured

A real artifact of each format was damaged at seeded places, each byte of it as likely as any other: one byte altered, the
file cut off, or one aligned block of 4 KiB set to zeros. Each damaged artifact was read at both depths, and the first of
them also by the vendor's own tool, started anew each time; *found* means that the artifact was not taken to be whole.

- **structure**: not found is what is *unproven*, too: it counts as no complete copy, but nobody said that it is damaged.
- **with SHA-256**: read in full, and compared with the sum that a backup run recorded.
- **no answer**: so often a tool did not end within 20 s, which is neither; pg_restore may never end on a damaged tar.
- A dash: there is no such thing, as for a directory, which has no sum.
- Measured with ${versions.join(', ')}; seed ${seed}. Measure again: \`npm run bench -- --only damage\`.

## What follows

- An altered byte in rows that are not compressed is found by nobody without a recorded sum: PostgreSQL's archives hold
  none. Base backups with a manifest and repositories of pgBackRest hold them for every file.
- What is not found in compressed archives lies in the table of contents, which is not compressed.
- Everything that is cut off is found at full depth.
- Bytes that mean nothing are found by nobody: times in headers of gzip, padding, WAL behind the end of a backup.
- \`pg_restore -l\` reads the table of contents and nothing else: that it lists an archive says nothing about the rows.

## The formats

${tables.join('\n')}
## Where a vendor's tool finds more

${missed.length === 0 ? NOTHING_MISSED : missed.join('\n')}
${unmeasured.length === 0 ? '' : `\n## Not measured\n\n${unmeasured.map((one) => `- ${one}`).join('\n')}\n`}`;
}

function tableOf(measurements: readonly Measurement[]): string {
  const tools = measurements[0]?.tools.map(({ name }) => name) ?? [];
  const head = ['damage', 'structure', 'full', 'with SHA-256', ...tools.map((name) => `\`${name}\``)];
  const rows = measurements.map(({ kind, structure, full, recorded, tools: asked }) => [
    DAMAGE_WORDS[kind],
    shown(structure),
    shown(full),
    recorded === null ? '–' : shown(recorded),
    ...asked.map(({ result }) => told(result)),
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function shown({ found, of }: Found): string {
  return of === 0 ? '–' : `${found} of ${of}`;
}

function told(result: Told): string {
  return result.unanswered === 0 ? shown(result) : `${shown(result)}, no answer: ${result.unanswered}`;
}
