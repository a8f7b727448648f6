import type { OrganizationSummary, Report, Verdict } from '../../../model/report.ts';

/** Columns of the list of pages. */
export const VERDICT_ORDER: readonly (Verdict | null)[] = [
  'recoverable',
  'at-risk',
  'unknown',
  'not-recoverable',
  null,
];

/** One page of organizations, as the index lists it. Ids of the first and last organization. */
export interface Block {
  readonly number: number;
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** Organizations by verdict, in the order of {@link VERDICT_ORDER}. */
  readonly byVerdict: readonly number[];
}

/** Address of a page, seen from the index. Named by its number, never by text from outside. */
export function blockHref(number: number): string {
  return `organizations/${number.toString().padStart(4, '0')}.html`;
}

export interface BlockList {
  readonly blocks: readonly Block[];
  /** The wanted organizations by id, with the address of their chapters. Ids that differ only in case share an entry. */
  readonly worst: ReadonlyMap<string, readonly { readonly summary: OrganizationSummary; readonly href: string }[]>;
  readonly total: number;
}

/** Walks all rows once: what each page will hold, and the rows of the wanted organizations. */
export async function blockList(report: Report, perPage: number, wanted: ReadonlySet<string>): Promise<BlockList> {
  const blocks: Block[] = [];
  const worst = new Map<string, { summary: OrganizationSummary; href: string }[]>();
  let total = 0;
  let current: { first: string; last: string; count: number; byVerdict: number[] } | null = null;
  const finish = (): void => {
    if (current !== null) blocks.push({ number: blocks.length + 1, ...current });
    current = null;
  };
  for await (const summary of report.organizations()) {
    if (total % perPage === 0) finish();
    current ??= { first: summary.organizationId, last: '', count: 0, byVerdict: VERDICT_ORDER.map(() => 0) };
    current.last = summary.organizationId;
    current.count += 1;
    const column = VERDICT_ORDER.indexOf(summary.verdict);
    current.byVerdict[column] = (current.byVerdict[column] ?? 0) + 1;
    total += 1;
    if (wanted.has(summary.organizationId)) {
      const entries = worst.get(summary.organizationId) ?? [];
      entries.push({ summary, href: `${blockHref(blocks.length + 1)}#o-${total}` });
      worst.set(summary.organizationId, entries);
    }
  }
  finish();
  return { blocks, worst, total };
}
