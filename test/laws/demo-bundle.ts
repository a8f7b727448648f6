import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleHeader, BundleTrailer, InstallPart, OrganizationPart } from '../../src/model/bundle.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { Report } from '../../src/model/report.ts';
import { judgeSaved } from '../../src/pipeline/judge-saved.ts';
import { FORMATS } from '../../src/report/registry.ts';
import { SAMPLE_BUNDLE } from '../golden/render-sample.ts';
import { type MemorySink, memorySink } from '../report/memory-sink.ts';

/** A bundle in parts, to be altered and judged again. */
export interface BundleParts {
  readonly header: BundleHeader;
  readonly organizations: readonly OrganizationPart[];
  readonly install: readonly InstallPart[];
  readonly trailer: BundleTrailer;
}

/** The committed bundle of a demo run. */
export async function demoBundle(): Promise<BundleParts> {
  const lines = (await readFile(SAMPLE_BUNDLE, 'utf8')).trimEnd().split('\n');
  const parsed = lines.map((line) => JSON.parse(line) as { type: string });
  const of = <T>(type: string) => parsed.filter((line) => line.type === type) as unknown as readonly T[];
  const [header] = of<BundleHeader>('header');
  const [trailer] = of<BundleTrailer>('trailer');
  if (header === undefined || trailer === undefined) throw new Error('the demo bundle is not whole');
  return { header, trailer, organizations: of('organization'), install: of('install') };
}

/** The same with another number of organizations, everywhere that it is told. */
export function ofOrganizations(parts: BundleParts, organizations: readonly OrganizationPart[]): BundleParts {
  const count = organizations.length;
  const counted = (record: AnyEvidence): AnyEvidence =>
    record.kind === 'organization-list'
      ? { ...record, items: record.items.map((list) => ({ ...list, counted: count, streamed: count })) }
      : record;
  return {
    ...parts,
    organizations,
    install: parts.install.map((part) => ({ ...part, evidence: part.evidence.map(counted) })),
    trailer: { ...parts.trailer, organizationParts: count, total: count },
  };
}

export async function writeParts(directory: string, parts: BundleParts): Promise<string> {
  const file = join(directory, 'bundle.ndjson');
  const lines = [parts.header, ...parts.organizations, ...parts.install, parts.trailer];
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

const OPTIONS = { pdfDetail: 200, htmlPageSize: 500 };

/** Judges a bundle and renders every registered format into memory. */
export function renderAll(
  file: string,
  only?: string,
): Promise<{ readonly head: Report['head']; readonly files: MemorySink }> {
  return judgeSaved(file, only === undefined ? {} : { only }, async ({ report }) => {
    const files = memorySink();
    for (const format of FORMATS) await format.render(report, files, OPTIONS);
    return { head: report.head, files };
  });
}
