import { z } from 'zod';
import type { Mistake } from './configuration-error.ts';
import { name, path, secretReference } from './schema-parts.ts';

/** Purposes whose copies are told by something else than their own bytes: a program, a listing, or somebody's word. */
export const OTHER_COPY_PURPOSES = ['restic', 'borg', 'filesystem-snapshots', 'inventory'] as const;

/** A path below the root of the location, with `/` between its parts. */
const pathInside = z.string().regex(/^[^/\0][^\0]*$/, { error: 'a path seen from the root of the location' });
const program = z.string().regex(/^\//, { error: 'an absolute path of the program' }).optional();

/** Settings of those purposes, of every location. */
export const otherCopySettings = {
  restic: z
    .strictObject({
      /** Password of the repository; without it only the number and age of its snapshots are told. */
      password: secretReference.optional(),
      /** The program. Default: `restic` in /usr/local/bin, /usr/bin or /bin. */
      program,
    })
    .optional(),
  borg: z
    .strictObject({
      /** Passphrase of the repository; not needed where it is not encrypted. */
      passphrase: secretReference.optional(),
      /** The program. Default: `borg` in /usr/local/bin, /usr/bin or /bin. */
      program,
    })
    .optional(),
  filesystemSnapshots: z
    .strictObject({
      /** The file in the location that holds the listing of its tool. */
      listing: pathInside,
      format: z.enum(['zfs', 'lvm', 'btrfs']),
      /** Datasets, volumes as `group/volume`, or UUIDs or paths of subvolumes that hold the server's data. */
      sources: z.array(path).min(1),
      server: name.optional(),
      /** Directories of the source host that lie on one of these sources, where copies of files are looked for (purpose files). */
      directories: z.array(z.strictObject({ source: path, path })).default([]),
      /** Stated: data directory, WAL and tablespaces are all in these sources. */
      holdsEverything: z.boolean().default(false),
    })
    .optional(),
  inventory: z
    .strictObject({
      /** The file in the location that lists copies. */
      file: pathInside,
      format: z.enum(['csv', 'json']),
      /** Who answers for the file, where no column says so. */
      owner: z.string().min(1).optional(),
      /** Columns or keys of the file, where they bear other names. */
      columns: z
        .strictObject({
          database: path.optional(),
          server: path.optional(),
          path: path.optional(),
          moment: path.optional(),
          method: path.optional(),
          where: path.optional(),
          complete: path.optional(),
          owner: path.optional(),
          recordedAt: path.optional(),
        })
        .prefault({}),
    })
    .optional(),
};

interface Checked {
  readonly kind: string;
  readonly purposes: readonly string[];
  readonly failureDomain?: unknown;
  readonly filesystemSnapshots?:
    | {
        readonly server?: string | undefined;
        readonly sources: readonly string[];
        readonly directories: readonly { readonly source: string }[];
      }
    | undefined;
  readonly inventory?: unknown;
}

/** What the schema of one location cannot say of these settings. @param at e.g. `locations[2]` */
export function otherCopyMistakes(location: Checked, at: string, servers: ReadonlySet<string>): readonly Mistake[] {
  const { purposes, kind, filesystemSnapshots, inventory } = location;
  const snapshots = purposes.includes('filesystem-snapshots');
  return [
    ...(['restic', 'borg'] as const)
      .filter((purpose) => purposes.includes(purpose) && kind !== 'directory')
      .map((purpose) => ({
        path: `${at}.purposes`,
        problem: `${purpose} is read in directories only`,
        hint: `Mount or copy the repository and name its directory, or leave ${purpose} out.`,
      })),
    ...(snapshots && filesystemSnapshots === undefined
      ? [missing(`${at}.filesystemSnapshots`, 'filesystem-snapshots', 'listing, format, sources and server')]
      : []),
    ...(purposes.includes('inventory') && inventory === undefined
      ? [missing(`${at}.inventory`, 'inventory', 'file and format')]
      : []),
    ...(snapshots && location.failureDomain === undefined
      ? [
          {
            path: `${at}.failureDomain`,
            problem: 'is missing, and a listing does not tell where the snapshots stand',
            hint: 'State the host whose disks hold the snapshots: they are lost with it.',
          },
        ]
      : []),
    ...(filesystemSnapshots !== undefined && filesystemSnapshots.server === undefined && !purposes.includes('files')
      ? [missing(`${at}.filesystemSnapshots.server`, 'filesystem-snapshots', 'the name of the server whose data it is')]
      : []),
    ...(filesystemSnapshots?.directories ?? []).flatMap(({ source }, index) =>
      filesystemSnapshots?.sources.includes(source) === true
        ? []
        : [
            {
              path: `${at}.filesystemSnapshots.directories[${index}].source`,
              problem: `${source} is not among the sources`,
              hint: 'Add it to filesystemSnapshots.sources, or mend its spelling.',
            },
          ],
    ),
    ...(filesystemSnapshots?.server !== undefined && !servers.has(filesystemSnapshots.server)
      ? [
          {
            path: `${at}.filesystemSnapshots.server`,
            problem: `${filesystemSnapshots.server} is not among the servers`,
            hint: 'Add it to the servers, or mend its spelling; the server of the install database is called install.',
          },
        ]
      : []),
  ];
}

function missing(path: string, purpose: string, settings: string): Mistake {
  return { path, problem: `is missing, and purposes holds ${purpose}`, hint: `Add it with ${settings}.` };
}
