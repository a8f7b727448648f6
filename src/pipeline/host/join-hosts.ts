import { createHmac } from 'node:crypto';
import { type JoinedBundleSource, joinBundles } from '../../collect/recorded/joined-bundles.ts';
import { type JoinedHosts, NOTHING_JOINED } from '../../collect/recorded/joined-hosts.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { type Instant, MINUTE, toMillis } from '../../model/instant.ts';
import { LIMIT_DEFAULTS } from '../../model/policy.ts';
import type { Secret } from '../../model/secret.ts';
import { instantText } from '../../model/text.ts';
import { BundleError } from '../bundle-file.ts';
import { type IssuedPlan, issuedPlans } from './issued-plans.ts';
import { answersOf, checkSeal, type SealedBundle } from './read-host-bundle.ts';
import { sampleDigestBy } from './sample-digest.ts';
import { isSameText, keyCheck, macFor } from './shared-key.ts';

/**
 * Takes in what other hosts answered, each bundle checked as a whole before anything of it is believed.
 *
 * @param files paths of host bundles; one that is named twice counts once
 * @param key the configured digestKey; null where there is none
 * @throws BundleError where one cannot be used, naming what to change
 */
export async function joinHosts(
  loaded: LoadedConfig,
  files: readonly string[],
  key: Secret | null,
  now: Instant,
): Promise<JoinedHosts> {
  if (files.length === 0) return NOTHING_JOINED;
  const plansFile = loaded.config.collect.plans ?? '';
  const plans = await issuedPlans(plansFile, loaded.file);
  const sources = new Map<string, JoinedBundleSource>();
  for (const file of files) {
    const sealed = await checkSeal(file, key);
    const { header, digest, isAuthenticated } = sealed;
    assertAnswersPlan(file, sealed, plans, plansFile);
    assertSameKey(file, sealed, key);
    const finishedAt = await finishOf(file, sealed);
    const tolerance = (loaded.policy.limits.clockToleranceMinutes ?? LIMIT_DEFAULTS.clockToleranceMinutes) * MINUTE;
    if (toMillis(finishedAt) > toMillis(now) + tolerance) {
      throw new BundleError(
        `host bundle ${JSON.stringify(file)} is from the future: it was finished at ${instantText(finishedAt)}, and here it is ${instantText(now)}`,
        `Set the clock of ${header.collectorHost} or of this host, and collect again.`,
      );
    }
    const nameKey = nameKeyOf(header.salt, key);
    sources.set(digest, {
      bundle: {
        file,
        installId: header.installId,
        collectorHost: header.collectorHost,
        planId: header.planId,
        toolVersion: header.toolVersion,
        startedAt: header.startedAt,
        finishedAt,
        digest,
        isAuthenticated,
      },
      answers: answersOf(file, sealed),
      keyDigest: (id) => createHmac('sha256', nameKey).update(id).digest('hex'),
    });
  }
  return joinBundles([...sources.values()], sampleDigestBy(key), loaded.config);
}

/** Key of the digests of key names in one bundle. */
export function nameKeyOf(salt: string, key: Secret | null): Buffer {
  return key === null ? Buffer.from(salt, 'hex') : macFor(key, 'key names').update(salt).digest();
}

function assertAnswersPlan(
  file: string,
  { header }: SealedBundle,
  plans: ReadonlyMap<string, IssuedPlan>,
  plansFile: string,
): void {
  const place = JSON.stringify(file);
  const plan = plans.get(header.planId);
  if (plan === undefined) {
    throw new BundleError(
      `host bundle ${place} answers plan ${header.planId.slice(0, 8)}, which was not written under this configuration (${plansFile})`,
      'Write a plan with this configuration (recoverage plan), collect by it, and name that bundle; or let collect.plans name the list that holds the plan.',
    );
  }
  if (plan.digest !== header.planDigest) {
    throw new BundleError(
      `host bundle ${place} answers plan ${header.planId.slice(0, 8)} in another wording than it was written in`,
      'Copy the plan to the host again, and collect again.',
    );
  }
  if (plan.installId !== header.installId) {
    throw new BundleError(
      `host bundle ${place} is of install ${header.installId}, and its plan was written for ${plan.installId}`,
      'Name the bundle of the other install in the audit of that one.',
    );
  }
}

function assertSameKey(file: string, { header }: SealedBundle, key: Secret | null): void {
  const place = JSON.stringify(file);
  if (key === null && header.keyCheck !== null) {
    throw new BundleError(
      `host bundle ${place} was written under a digestKey, and none is configured here`,
      'Configure the digestKey that its plan names.',
    );
  }
  if (key !== null && !isSameText(header.keyCheck ?? '', keyCheck(key, header.planId))) {
    throw new BundleError(
      `host bundle ${place} was written under another digestKey, so that nothing in it could be compared`,
      'Let digestKey hold the same key on both hosts, and collect again.',
    );
  }
}

/** @throws BundleError where it is not there, or answers do not fit */
async function finishOf(file: string, sealed: SealedBundle): Promise<Instant> {
  let finishedAt: Instant | null = null;
  for await (const answer of answersOf(file, sealed)) if (answer.type === 'finished') finishedAt = answer.finishedAt;
  if (finishedAt === null) throw new BundleError(`host bundle ${JSON.stringify(file)} has no end`, 'Collect again.');
  return finishedAt;
}
