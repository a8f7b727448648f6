/** Where an S3 bucket is asked: the endpoint that is stated, and the region. */
export interface S3Address {
  /** URL or bare `host[:port]`; null or empty: Amazon's own endpoint of the region. */
  readonly endpoint: string | null;
  readonly region: string | null;
}

/**
 * Amazon's own endpoints: regional, dual-stack, FIPS and interface ones, with the bucket before the host or not (AWS
 * General Reference, "Amazon S3 endpoints and quotas"; Amazon S3 User Guide, "Virtual hosting of buckets").
 */
const AMAZON = /^(?:.+\.)?s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/;

/**
 * The service whose buckets share one space of names, as one comparable text: buckets of one name at two services are
 * two. Amazon has such a space for each partition (Amazon S3 User Guide, "General purpose bucket naming rules"); any
 * other service has one for each host and port, whatever the path or the scheme of the endpoint.
 */
export function s3Service({ endpoint, region }: S3Address): string {
  if (endpoint === null || endpoint.trim() === '') return partition(region ?? '');
  const text = endpoint.trim();
  // Without a scheme `minio:9000` would be read as a URL of scheme `minio:`.
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  if (url === null) return text.toLowerCase();
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  if (!AMAZON.test(host)) return url.port === '' ? host : `${host}:${url.port}`;
  return host.endsWith('.cn') ? CHINA : partition(/[.-](us-gov-[a-z]+-\d+)\./.exec(host)?.[1] ?? '');
}

/** Whether the service is Amazon's own. */
export function isAmazon(address: S3Address): boolean {
  if (address.endpoint === null || address.endpoint.trim() === '') return true;
  const text = address.endpoint.trim();
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  return url !== null && AMAZON.test(url.hostname.toLowerCase().replace(/\.$/, ''));
}

/**
 * Whether what a storage binding says may be the service of a configured bucket. A binding without an endpoint does not
 * tell where its bucket is, so it may be any.
 */
export function mayBeSameService(binding: S3Address, configured: S3Address): boolean {
  return binding.endpoint === null || s3Service(binding) === s3Service(configured);
}

const CHINA = 'aws-cn';

/** AWS partition of a region (AWS General Reference, "Amazon Resource Names", partitions). */
function partition(region: string): string {
  if (region.startsWith('cn-')) return CHINA;
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
