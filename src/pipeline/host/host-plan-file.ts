import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { HOST_PLAN_VERSION, type HostPlan, type HostPlanContent, hostPlanSchema } from '../../config/host-plan.ts';
import type { Secret } from '../../model/secret.ts';
import type { WrittenOutput } from '../../report/output-error.ts';
import { BundleError } from '../bundle-file.ts';
import { writeWhole } from '../write-whole.ts';
import { isSameText, macFor } from './shared-key.ts';

export const PLAN_OUTPUT: WrittenOutput = { noun: 'the plan', elsewhere: 'another file with --out' };

/** A plan is some paths; one of a hundred thousand stores takes 20 MB. */
const LARGEST_PLAN = 256 * 1024 * 1024;

/** Seals a plan. @param key the shared key; null where none is configured */
export function sealedPlan(content: HostPlanContent, key: Secret | null): HostPlan {
  const text = JSON.stringify(content);
  return {
    ...content,
    digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
    mac: key === null ? null : macFor(key, 'plan').update(text).digest('hex'),
  };
}

/** @throws OutputError where the file cannot be written, or something else than a plan is there */
export async function writePlan(file: string, plan: HostPlan): Promise<void> {
  await writeWhole(file, `${JSON.stringify(plan, null, 2)}\n`, PLAN_OUTPUT, isPlan);
}

function isPlan(text: string): boolean {
  return /^\{\s*"type":\s*"host-plan"/.test(text);
}

/**
 * Reads a plan and checks that it is whole.
 *
 * @throws BundleError where it cannot be used
 */
export async function readPlan(file: string): Promise<HostPlan> {
  const place = JSON.stringify(file);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new BundleError(`plan ${place} cannot be read (${error.code})`, 'Name a file that recoverage plan wrote.');
  });
  let json: unknown;
  try {
    if (text.length > LARGEST_PLAN) throw new SyntaxError();
    json = JSON.parse(text);
  } catch {
    throw new BundleError(`plan ${place} is no JSON`, 'Name a file that recoverage plan wrote, copied as a whole.');
  }
  const version = (json as { hostPlanVersion?: unknown } | null)?.hostPlanVersion;
  if (typeof version === 'number' && version > HOST_PLAN_VERSION) {
    throw new BundleError(
      `plan ${place} has version ${version}, and this program reads up to ${HOST_PLAN_VERSION}`,
      'Install the version on this host that wrote the plan, or a newer one.',
    );
  }
  const parsed = hostPlanSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const what = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit its schema'}`;
    throw new BundleError(`plan ${place}: ${what}`, 'Name a file that recoverage plan wrote.');
  }
  // The digest is over the text of the content as it was written, whose order of keys JSON.parse keeps.
  const { digest: _digest, mac: _mac, ...content } = json as HostPlan;
  if (sealedPlan(content, null).digest !== parsed.data.digest) {
    throw new BundleError(
      `plan ${place} was altered since it was written`,
      'Copy it again, or write a new one: recoverage plan.',
    );
  }
  WRITTEN.set(parsed.data, content);
  return parsed.data;
}

/** Plans that were read, as they were written: seals are over that text, without what a schema adds and in its order of keys. */
const WRITTEN = new WeakMap<HostPlan, HostPlanContent>();

/** @throws BundleError where the key of this host is not that of whoever wrote the plan */
export function assertPlanOf(file: string, plan: HostPlan, key: Secret | null): void {
  if (key === null) return;
  const { digest: _digest, mac, ...content } = plan;
  const sealed = sealedPlan(WRITTEN.get(plan) ?? content, key);
  if (mac !== null && isSameText(mac, sealed.mac ?? '')) return;
  throw new BundleError(
    `plan ${JSON.stringify(file)} bears no MAC of the digestKey of this host`,
    `Let ${plan.digestKey ?? 'the digestKey of both configurations'} hold the same key here as where the plan was written.`,
  );
}

/**
 * What a plan names that is more than looked at: programs and modules that are run, and servers that are sent secrets. Null
 * where it names none. Whoever could forge such a plan could run a program of theirs.
 */
export function whatIsRun({ providers, locations }: Pick<HostPlan, 'providers' | 'locations'>): string | null {
  const [provider] = providers;
  if (provider !== undefined) return `key provider ${provider.definition.id}`;
  const repository = locations.find(({ purposes }) => purposes.includes('restic') || purposes.includes('borg'));
  return repository === undefined ? null : `the program of location ${repository.name}`;
}

/**
 * A plan that has anything run is answered only where whoever answers it says by which key its MAC is checked: the plan
 * itself could name something that everybody knows.
 *
 * @throws BundleError
 */
export function assertKeyIsNamed(file: string, plan: HostPlan, named: string | undefined): void {
  const what = whatIsRun(plan);
  if (what === null || named !== undefined) return;
  throw new BundleError(
    `plan ${JSON.stringify(file)} has ${what} asked, so that it must be certain who wrote it`,
    `Name the key that both hosts share yourself: --digest-key ${plan.digestKey ?? 'env:NAME'}, if that is where you keep it.`,
  );
}

/** Where relative references of a plan are seen from. */
export function planDirectory(file: string): string {
  return dirname(resolve(file));
}
