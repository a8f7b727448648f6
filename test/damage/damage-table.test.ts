import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianPostgresUnavailable, startDebianPostgres } from '../services/postgres-debian.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';
import type { DamagedFormat } from './damaged-format.ts';
import { DUMP_FORMATS, dumpFormats } from './dump-formats.ts';
import { measureDamage, type Places } from './measure-damage.ts';

const unavailable = debianPostgresUnavailable();
const SEED = 20_261_122;
const OWN = { flip: 100, cut: 100, hole: 20 };
const PLACES: Places = { own: OWN, vendor: { flip: 15, cut: 5, hole: 5 } };
const LIMIT_MS = 600_000;

describe.skipIf(unavailable)(`damage to real dumps${unavailable === null ? '' : ` (${unavailable})`}`, () => {
  const cleanup = new AsyncDisposableStack();
  let scratch: ScratchDirectory;
  let formats: readonly DamagedFormat[];
  beforeAll(async () => {
    scratch = cleanup.use(scratchDirectory('damage'));
    formats = await dumpFormats(cleanup.use(await startDebianPostgres()), scratch.path);
  }, LIMIT_MS);
  afterAll(() => cleanup.disposeAsync());

  it('is measured in every format', () => {
    expect(formats.map(({ name }) => name)).toEqual(DUMP_FORMATS);
  });

  it.each(DUMP_FORMATS)(
    '%s: cuts are always found, and nothing that a tool finds is missed',
    async (name) => {
      const format = formats.find((one) => one.name === name);
      if (format === undefined) expect.fail('not made');
      const measured = await measureDamage(format, PLACES, SEED);
      expect(measured.flatMap(({ missed }) => missed)).toEqual([]);
      for (const { kind, full, structure, recorded } of measured) {
        if (kind === 'cut') expect(full).toEqual({ found: OWN.cut, of: OWN.cut });
        expect(full.found).toBeGreaterThanOrEqual(structure.found);
        // Every altered byte alters the sum.
        if (recorded !== null) expect(recorded.found).toBe(recorded.of);
        // What is compressed has a checksum of its own, and only the table of contents lies open.
        if (/compressed \(|through a pipe|plain in /.test(name)) expect(full.found).toBeGreaterThan(full.of * 0.8);
      }
    },
    LIMIT_MS,
  );
});
