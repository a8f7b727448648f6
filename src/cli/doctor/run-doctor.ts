import { resolve } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { type Check, warning } from './check.ts';
import { readConfiguration } from './configuration-checks.ts';
import { doctorContext } from './doctor-context.ts';
import { installDatabaseChecks, serverChecks, tenantDatabaseChecks } from './install-database-checks.ts';
import { locationChecks } from './location-checks.ts';
import { outputChecks, rendererChecks, runtimeChecks, timeZoneChecks } from './program-checks.ts';
import { providerChecks } from './provider-checks.ts';
import { sampleChecks } from './sample-checks.ts';
import { hostChecks, storeChecks } from './store-checks.ts';

export interface DoctorOptions {
  readonly configFile: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  readonly signal: AbortSignal;
}

/** Looks at everything a scan needs, in a fixed order, and says each thing as soon as it is known. Writes nothing. */
export async function* runDoctor(options: DoctorOptions): AsyncGenerator<Check> {
  yield* runtimeChecks();
  const file = resolve(options.workingDirectory, options.configFile);
  const { loaded, mapping, checks } = await readConfiguration(file, options.environment);
  yield* checks;
  if (loaded === null) {
    yield warning('sources', 'not asked: the configuration has mistakes', 'Mend them, then run doctor again.');
    yield* timeZoneChecks([]);
    yield* await rendererChecks();
    return;
  }
  const { context, checks: secretChecks } = await doctorContext(loaded, mapping, options.signal);
  yield* secretChecks;
  const servers = await context.servers();
  const install = await installDatabaseChecks(context, servers);
  yield* install.checks;
  yield* await tenantDatabaseChecks(context, servers, install.example);
  yield* await serverChecks(context, servers);
  yield* await locationChecks(context);
  yield* await providerChecks(context);
  yield* await storeChecks(context);
  yield* await sampleChecks(context, servers, install.example);
  yield* await hostChecks(context);
  yield* timeZoneChecks(zonesOf(loaded.config));
  yield* await outputChecks(loaded.config.report.directory);
  yield* await rendererChecks();
}

function zonesOf({ locations, plans }: Config): readonly { readonly path: string; readonly zone: string }[] {
  return [
    ...locations.map(({ timeZone }, index) => ({ path: `locations[${index}].timeZone`, zone: timeZone })),
    ...plans.map(({ timeZone }, index) => ({ path: `plans[${index}].timeZone`, zone: timeZone })),
  ].flatMap(({ path, zone }) => (zone === undefined ? [] : [{ path, zone }]));
}
