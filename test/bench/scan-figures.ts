import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { collectBundle } from '../../src/pipeline/collect-bundle.ts';
import { type Figure, median, spread, type Unmeasured } from './figure.ts';
import { barePgLoop, psqlLoop, psqlLoopUnavailable, psqlPath } from './peer-loops.ts';
import type { TenantInstall } from './tenant-install.ts';
import { statementsOfScan } from './tenant-statements.ts';

const ROUNDS = 3;
const LEAST_AGAINST_PG = 0.8;
const LEAST_AGAINST_PSQL = 3.5;

/**
 * The scan of real tenant databases through the whole collection, its bundle written, against two loops that send each
 * database the same statements with the same concurrency. The first scan, which also tells the statements, is a
 * warm-up: it fills the servers' caches for all.
 */
export async function scanFigures(install: TenantInstall, scratch: string): Promise<readonly (Figure | Unmeasured)[]> {
  const loaded = await loadConfig(install.configFile, {});
  const concurrency = Math.min(loaded.config.collect.concurrency, loaded.config.collect.perServer);
  const count = install.databases.length;
  const scan = async (): Promise<void> => {
    const file = join(scratch, 'scan.ndjson');
    const outcome = await collectBundle({
      loaded,
      file,
      signal: new AbortController().signal,
      progress: () => undefined,
    });
    await rm(file);
    if (outcome.total !== count) throw new Error(`the scan found ${outcome.total} organizations instead of ${count}`);
  };
  const statements = await statementsOfScan(install, scan);
  const noPsql = psqlLoopUnavailable();
  const rates: Record<'scan' | 'pg' | 'psql', number[]> = { scan: [], pg: [], psql: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.scan.push(await perSecond(count, scan));
    rates.pg.push(await perSecond(count, () => barePgLoop(install, statements, concurrency)));
    if (noPsql === null) {
      rates.psql.push(await perSecond(count, () => psqlLoop(install, statements, concurrency, scratch)));
    }
  }
  const against = (name: string, peer: readonly number[], least: number, peerText: string): Figure => {
    const ratios = rates.scan.map((rate, round) => rate / (peer[round] ?? Number.NaN));
    return {
      name,
      ours: `${median(rates.scan).toFixed(0)} organizations/s`,
      peer: `${median(peer).toFixed(0)} organizations/s`,
      value: median(ratios),
      unit: 'times',
      limit: { kind: 'at least', value: least },
      note: `${ROUNDS} rounds in turn, ${spread(ratios)}; ${concurrency} at a time, ${statements.length} statements each, ${install.serverText}${peerText}`,
    };
  };
  const psqlName = `scan of ${count} databases / psql over xargs -P`;
  return [
    against(`scan of ${count} databases / bare pg loop`, rates.pg, LEAST_AGAINST_PG, ''),
    noPsql === null
      ? against(psqlName, rates.psql, LEAST_AGAINST_PSQL, `, ${psqlPath()}`)
      : { name: psqlName, why: noPsql },
  ];
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1000) / (performance.now() - started);
}
