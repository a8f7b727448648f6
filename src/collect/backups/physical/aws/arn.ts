/** Parts of an Amazon Resource Name (IAM User Guide, "Identify AWS resources with ARNs"). */
export interface Arn {
  readonly service: string;
  /** Empty where the resource is of no region. */
  readonly region: string;
  /** Empty where it is of no account, as for EBS snapshots. */
  readonly account: string;
  /** The rest, e.g. `db:acme` or `volume/vol-1`. */
  readonly resource: string;
}

/** Null for what is no ARN. */
export function parseArn(text: string): Arn | null {
  const match = /^arn:[a-z-]+:([a-z0-9-]+):([a-z0-9-]*):(\d{12}|):(.+)$/s.exec(text);
  if (match === null) return null;
  const [, service = '', region = '', account = '', resource = ''] = match;
  return { service, region, account, resource };
}

/** Where a resource stands, by its own name. */
export function domainOf(arn: string): { readonly account: string | null; readonly region: string | null } {
  const parsed = parseArn(arn);
  return { account: parsed?.account || null, region: parsed?.region || null };
}

/** What ARNs of a region begin with (AWS General Reference, partitions). */
export function arnPrefix(region: string): string {
  if (region.startsWith('cn-')) return 'arn:aws-cn';
  return region.startsWith('us-gov-') ? 'arn:aws-us-gov' : 'arn:aws';
}
