import { oneLine } from '../terminal-text.ts';

/** Languages that a policy is written in; of them only JSON has no comments. */
export type PolicyLanguage = 'sql' | 'hcl' | 'json' | 'sh' | 'text';

/** The least rights that one configured source is read with. */
export interface SourcePolicy {
  /** `install`, or the configured name or id. */
  readonly source: string;
  readonly kind: 'database' | 'location' | 'provider' | 'store' | 'host' | 'address';
  readonly language: PolicyLanguage;
  /** What it is for and where to apply it, a sentence a line. */
  readonly heading: readonly string[];
  readonly policy: string;
}

const COMMENT: Readonly<Record<PolicyLanguage, string>> = { sql: '--', hcl: '#', json: '#', sh: '#', text: '#' };

/** A policy under its heading; JSON, which has no comments, keeps its own text free of it. */
export function policyText({ language, heading, policy }: SourcePolicy): string {
  return `${headingText(language, heading)}${policy}`;
}

/** The heading alone, as comment lines, which no name in it can leave. */
export function headingText(language: PolicyLanguage, heading: readonly string[]): string {
  return heading.map((line) => `${COMMENT[language]} ${oneLine(line)}\n`).join('');
}
