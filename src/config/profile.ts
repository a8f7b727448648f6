import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { SEVERITIES } from '../model/severity.ts';
import { ConfigurationError } from './configuration-error.ts';
import { readYamlFile } from './yaml-file.ts';

const requirement = z.union([
  z.strictObject({ control: z.string().regex(/^[A-Z]+-\d+$/), reason: z.string() }),
  z.strictObject({ restoreTestSinceUpgrade: z.literal(true), reason: z.string() }),
]);

/** A gate as data: what closes it, and what it needs beyond that. */
export const profileSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  description: z.string(),
  /** Closed by any gap or unknown of a control of this severity or worse. */
  severity: z.enum(SEVERITIES),
  closedBy: z.strictObject({ exclusions: z.boolean(), blindOrganizations: z.boolean() }),
  requires: z.array(requirement),
});
export type Profile = Readonly<z.infer<typeof profileSchema>>;

/** Names of the profiles that come with the program. */
export const SHIPPED_PROFILES = ['default', 'pre-upgrade'] as const;

/**
 * A profile by its shipped name, or from a file.
 *
 * @throws ConfigurationError where there is none of that name, or it has mistakes
 */
export async function loadProfile(nameOrFile: string): Promise<Profile> {
  const shipped = SHIPPED_PROFILES.find((name) => name === nameOrFile);
  if (shipped === undefined && !/[./\\]/.test(nameOrFile)) {
    throw new ConfigurationError('--profile', [
      {
        path: nameOrFile,
        problem: 'is no profile',
        hint: `Name one of ${SHIPPED_PROFILES.join(', ')}, or a file such as ./my-profile.yaml.`,
      },
    ]);
  }
  const file =
    shipped === undefined
      ? nameOrFile
      : fileURLToPath(new URL(`../../config/profiles/${shipped}.yaml`, import.meta.url));
  return (await readYamlFile(file, profileSchema)).value;
}
