import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ConfigurationError } from '../../config/configuration-error.ts';
import type { HostPlan } from '../../config/host-plan.ts';
import { toOutputError, type WrittenOutput } from '../../report/output-error.ts';

const issuedSchema = z.strictObject({
  type: z.literal('recoverage-plan'),
  planId: z.string(),
  digest: z.string(),
  installId: z.string(),
  createdAt: z.string(),
  only: z.array(z.string()),
});
export type IssuedPlan = Readonly<z.infer<typeof issuedSchema>>;

const OUTPUT: WrittenOutput = { noun: 'the list of plans', elsewhere: 'another file with collect.plans' };

/** Notes that a plan was written, so that answers to it, and to no other, are taken. @throws OutputError */
export async function noteIssued(file: string, plan: HostPlan): Promise<void> {
  const { planId, digest, installId, createdAt, only } = plan;
  const line: IssuedPlan = { type: 'recoverage-plan', planId, digest, installId, createdAt, only };
  try {
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  } catch (error) {
    throw toOutputError(error, file, OUTPUT);
  }
}

/** The plans that were written under one configuration, by id. @throws ConfigurationError where the file holds something else */
export async function issuedPlans(file: string, configuration: string): Promise<ReadonlyMap<string, IssuedPlan>> {
  const refuse = (problem: string): never => {
    const hint = 'Name a file of its own there, or move that one away; a new one is then begun.';
    throw new ConfigurationError(configuration, [{ path: 'collect.plans', problem, hint }]);
  };
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    return refuse(`${file} cannot be read (${error.code})`);
  });
  const plans = new Map<string, IssuedPlan>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const plan = issuedOf(line) ?? refuse(`${file} is no list of plans`);
    plans.set(plan.planId, plan);
  }
  return plans;
}

function issuedOf(line: string): IssuedPlan | null {
  try {
    const parsed = issuedSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
