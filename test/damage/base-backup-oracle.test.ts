import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../bench/random.ts';
import { readTree } from '../collect/backups/physical/read-location.ts';
import { memoryTree } from '../collect/memory-tree.ts';
import { propertySeed } from '../property-seed.ts';
import { debianPostgresUnavailable, startDebianPostgres } from '../services/postgres-debian.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';
import { takeBaseBackup, verifyPlain, verifyUnpacked } from './cluster-formats.ts';
import { DAMAGE_KINDS, damageSomewhere, type Files } from './damage-place.ts';
import type { ToolAnswer, VendorTool } from './damaged-format.ts';
import { type Depth, verdictOver } from './memory-copy.ts';
import { filesBelow } from './read-files.ts';
import { leaveOneDatabase, SMALL_CLUSTER } from './small-cluster.ts';

const unavailable = debianPostgresUnavailable();
const [DAMAGES, LIMIT_MS] = [60, 120_000];

/** One file that is other than it was: `null` where it is gone. */
interface Change {
  readonly path: string;
  readonly bytes: Buffer | null;
  readonly where: string;
}

/** Files of a few bytes that decide more than the thousands of pages beside them. */
const TELLING =
  /(?:^|\/)(?:backup_label|backup_manifest|PG_VERSION|pg_control|postgresql\.auto\.conf|[0-9A-F]{24})$|tar/;

function drawn(files: Files, canGrow: boolean, random: Random): Change {
  const paths = [...files.keys()];
  const telling = paths.filter((path) => TELLING.test(path));
  const among = random.percent(50) ? telling : paths;
  const path = among[random.whole(among.length)] ?? '';
  const bytes = files.get(path) ?? Buffer.alloc(0);
  if (random.percent(15)) return { path, bytes: null, where: `${path} taken away` };
  if (canGrow && random.percent(15)) {
    const added = `base/base/5/${100_000 + random.whole(1000)}`;
    return { path: added, bytes: Buffer.alloc(8192, 1), where: `${added} added` };
  }
  const kind = DAMAGE_KINDS[random.whole(DAMAGE_KINDS.length)] ?? 'flip';
  return damageSomewhere(kind === 'hole' || bytes.length === 0 ? files : new Map([[path, bytes]]), kind, random);
}

async function askAbout(tool: VendorTool, root: string, files: Files, { path, bytes }: Change): Promise<ToolAnswer> {
  const file = join(root, path);
  if (bytes === null) rmSync(file);
  else writeFileSync(file, bytes);
  try {
    return await tool.ask();
  } finally {
    const before = files.get(path);
    if (before === undefined) rmSync(file);
    else writeFileSync(file, before);
  }
}

interface Judged {
  readonly format: string;
  readonly depth: Depth;
  readonly args: readonly string[];
  readonly tool: (root: string) => VendorTool;
}

/* The other way round is fine: pg_verifybackup looks at less. Other damage: PROPERTY_SEED=random npm test. */
describe.skipIf(unavailable)(`base backups${unavailable === null ? '' : ` (${unavailable})`}`, () => {
  const cleanup = new AsyncDisposableStack();
  let scratch: ScratchDirectory;
  const JUDGED: readonly Judged[] = [
    // What is in the files, structure does not tell, and says so.
    {
      format: 'plain',
      depth: 'structure',
      args: [],
      tool: (root) => verifyPlain(root, '--skip-checksums', '--no-parse-wal'),
    },
    { format: 'plain', depth: 'full', args: [], tool: (root) => verifyPlain(root) },
    { format: 'tar', depth: 'full', args: ['--format=tar'], tool: (root) => verifyUnpacked(root, '.tar') },
  ];
  beforeAll(async () => {
    scratch = cleanup.use(scratchDirectory('base-backup-oracle'));
    const server = cleanup.use(await startDebianPostgres(SMALL_CLUSTER));
    await leaveOneDatabase(server);
    for (const { format, depth, args } of JUDGED) {
      await takeBaseBackup(server, join(scratch.path, `${format}-${depth}`), ...args);
    }
  }, LIMIT_MS);
  afterAll(() => cleanup.disposeAsync());

  it.each(JUDGED)(
    'that are called complete, pg_verifybackup takes: $format at depth $depth',
    async ({ format, depth, tool }) => {
      const seed = propertySeed();
      const random = seededRandom(seed);
      const root = join(scratch.path, `${format}-${depth}`);
      const files = filesBelow(root, () => true, 'with empty files');
      const verify = tool(root);
      expect(await verify.ask()).toBe('accepted');
      expect(verdictOver(await readTree(memoryTree(files), depth)).verdict).toBe('complete');
      const told: Record<ToolAnswer, string[]> = { accepted: [], refused: [], 'no answer': [] };
      for (let index = 0; index < DAMAGES; index += 1) {
        const change = drawn(files, format === 'plain', random);
        const altered = new Map(files);
        if (change.bytes === null) altered.delete(change.path);
        else altered.set(change.path, change.bytes);
        const { verdict } = verdictOver(await readTree(memoryTree(altered), depth));
        if (verdict === 'complete') told[await askAbout(verify, root, files, change)].push(change.where);
      }
      expect(told.refused, `damage of seed ${seed}`).toEqual([]);
      expect(told['no answer']).toEqual([]);
      // Bytes that mean nothing are there in every format.
      expect(told.accepted.length).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );
});
