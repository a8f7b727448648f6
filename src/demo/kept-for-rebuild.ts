import { createHash } from 'node:crypto';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Instant, toMillis } from '../model/instant.ts';
import { PRODUCT_VERSION } from './install-rows.ts';
import { debianArchitecture, minimalPackage } from './minimal-package.ts';
import { NAMES } from './organizations.ts';

/** A package of the running version that holds no file, and its checksum. */
export async function writeInstaller(directory: string): Promise<void> {
  const architecture = debianArchitecture();
  const name = `novantra-onprem_${PRODUCT_VERSION}_${architecture}.deb`;
  const contents = minimalPackage('novantra-onprem', PRODUCT_VERSION, architecture);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, name), contents);
  const sum = createHash('sha256').update(contents).digest('hex');
  await writeFile(join(directory, `${name}.sha256`), `${sum}  ${name}\n`);
}

/** A runbook that names every provider and location of the demo. @param writtenAt before its review */
export async function writeRunbook(file: string, writtenAt: Instant): Promise<void> {
  await writeFile(
    file,
    `# How the demo install is recovered

A stand-in made by recoverage demo.

1. Set up a new host of the same operating system, with the package from ${NAMES.installers}.
2. Restore the bootstrap file and the state directory from ${NAMES.files}.
3. Restore key provider ${NAMES.provider} from the newest snapshot in ${NAMES.snapshots}.
4. Restore the install database, then every tenant database, from ${NAMES.dumps}, or from ${NAMES.secondDumps}.
5. Restore the files of organizations from ${NAMES.files}, and validate.
`,
  );
  await utimes(file, new Date(toMillis(writtenAt)), new Date(toMillis(writtenAt)));
}
