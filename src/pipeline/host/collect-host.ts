import { createHmac, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createAsker, systemClock } from '../../collect/ask.ts';
import { createHostProbe } from '../../collect/hosts/probe/host-probe.ts';
import { HOST_BUNDLE_VERSION, type HostAnswer } from '../../collect/recorded/host-bundle-lines.ts';
import { recordHost } from '../../collect/recorded/record-host.ts';
import { ConfigurationError } from '../../config/configuration-error.ts';
import type { HostPlan } from '../../config/host-plan.ts';
import { secretResolver } from '../../config/secrets.ts';
import { Secret } from '../../model/secret.ts';
import { referencesIn } from '../secret-references.ts';
import { TOOL_VERSION } from '../version.ts';
import { assertKeyIsNamed, assertPlanOf, planDirectory, readPlan } from './host-plan-file.ts';
import { nameKeyOf } from './join-hosts.ts';
import { sampleDigestBy } from './sample-digest.ts';
import { keyCheck } from './shared-key.ts';
import { writeHostBundle } from './write-host-bundle.ts';

export interface CollectHostOptions {
  readonly planFile: string;
  /** The bundle to write. */
  readonly file: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly depth?: HostPlan['depth'];
  /** Where the key is that both hosts share, by the word of whoever collects. Default: as the plan says. */
  readonly digestKey?: string;
  /** Whether keys are proven by the samples that the plan holds. */
  readonly proveKeys?: boolean;
  readonly signal: AbortSignal;
}

/** What came of it, for people. */
export interface CollectedHost {
  readonly plan: HostPlan;
  readonly host: string;
  readonly answers: number;
  /** Questions without a complete answer, in words. */
  readonly blindSpots: readonly string[];
}

/**
 * Answers a plan on this host: no database, no configuration besides the plan, and no network but to the key providers
 * that it names.
 *
 * @throws BundleError where the plan cannot be used; ConfigurationError where a secret that it refers to is not here
 */
export async function collectHost(options: CollectHostOptions): Promise<CollectedHost> {
  const { planFile, signal } = options;
  const plan = await readPlan(planFile);
  assertKeyIsNamed(planFile, plan, options.digestKey);
  const keyReference = options.digestKey ?? plan.digestKey;
  const secrets = await secretsOf(plan, keyReference, planFile, options.environment);
  const key = keyReference === null ? null : (secrets.get(keyReference) ?? null);
  assertPlanOf(planFile, plan, key);
  const digestKey = key ?? new Secret(randomBytes(32).toString('hex'));
  const salt = randomBytes(16).toString('hex');
  const nameKey = nameKeyOf(salt, key);
  const host = hostname();
  const header = {
    type: 'host-bundle',
    hostBundleVersion: HOST_BUNDLE_VERSION,
    planId: plan.planId,
    planDigest: plan.digest,
    installId: plan.installId,
    collectorHost: host,
    toolVersion: TOOL_VERSION,
    startedAt: systemClock(),
    keyCheck: key === null ? null : keyCheck(key, plan.planId),
    salt,
  } as const;
  const writer = await writeHostBundle(options.file, header, key);
  const probe = createHostProbe();
  const blindSpots: string[] = [];
  let answers = 0;
  const access = {
    asker: createAsker(systemClock, [...secrets.values(), digestKey], signal),
    signal,
    probe,
    digestKey,
    secret: (_setting: string, reference: string) => Promise.resolve(secrets.get(reference) ?? new Secret('')),
    depth: options.depth ?? plan.depth,
    productVersion: plan.productVersion,
    copied: plan.copied,
    names:
      plan.names === null ? null : { databases: new Set(plan.names.databases), servers: new Set(plan.names.servers) },
    timeoutMillis: plan.requestTimeoutSeconds * 1000,
    checksums: plan.checksums,
    copySamples: plan.copySamples ?? [],
    proveKeys: options.proveKeys ?? false,
    keyDigest: (id: string) => createHmac('sha256', nameKey).update(id).digest('hex'),
    sampleDigest: sampleDigestBy(key),
  };
  try {
    await recordHost(access, plan, async (answer) => {
      signal.throwIfAborted();
      if (!PARTS.has(answer.type)) answers += 1;
      blindSpots.push(...blindSpotsIn(answer));
      await writer.put(key === null ? withoutDigests(answer) : answer);
    });
    signal.throwIfAborted();
    await writer.commit(systemClock());
    return { plan, host, answers, blindSpots };
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    probe.close();
  }
}

/** Under a key of this run alone a digest compares with nothing, and would look like other contents. */
function withoutDigests(answer: HostAnswer): HostAnswer {
  if (answer.type === 'copied') return { ...answer, digest: null };
  if (answer.type === 'license-file' && answer.fact !== null) {
    return { ...answer, fact: { ...answer.fact, digest: null } };
  }
  if (answer.type !== 'host-file' || answer.fact === null) return answer;
  const { digestOfModes: _, ...fact } = answer.fact;
  return { ...answer, fact: { ...fact, digest: null } };
}

/** Lines that are parts of the answer before them. */
const PARTS: ReadonlySet<HostAnswer['type']> = new Set([
  'files',
  'reading',
  'names',
  'file-copy',
  'copy-files',
  'copy-directories',
  'copy-sample',
]);

function blindSpotsIn(answer: HostAnswer): readonly string[] {
  const spots =
    answer.type === 'location'
      ? [answer.failure]
      : answer.type === 'provider'
        ? [answer.state.blindSpot, answer.rights?.blindSpot, answer.peer?.state.blindSpot]
        : answer.type === 'key'
          ? [answer.state, answer.settings, answer.rotation, answer.peer].map((one) => one?.blindSpot)
          : answer.type === 'physical'
            ? [answer.contents.blindSpot]
            : 'blindSpot' in answer
              ? [answer.blindSpot]
              : [];
  return [...new Set(spots.flatMap((spot) => spot?.detail ?? []))];
}

/** @throws ConfigurationError with every reference that has no secret behind it on this host */
async function secretsOf(
  plan: HostPlan,
  digestKey: string | null,
  planFile: string,
  environment: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, Secret>> {
  const resolver = secretResolver(environment, join(planDirectory(planFile), 'plan.json'));
  const secrets = new Map<string, Secret>();
  const wanted = [
    ...(digestKey === null ? [] : [{ path: 'digestKey', reference: digestKey }]),
    ...referencesIn(plan.locations, 'locations'),
    ...referencesIn(
      plan.providers.map(({ definition }) => definition),
      'providers',
    ),
  ];
  for (const { path, reference } of wanted) {
    if (!secrets.has(reference)) secrets.set(reference, await resolver.resolve(path, reference));
  }
  if (resolver.mistakes.length > 0) throw new ConfigurationError(planFile, resolver.mistakes);
  return secrets;
}
