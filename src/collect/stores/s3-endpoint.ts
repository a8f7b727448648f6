/** Amazon's own endpoints, regional and dual-stack ones included (AWS General Reference, "Amazon S3 endpoints"). */
const AMAZON = /^s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/;

/**
 * Whether a binding and a configured bucket may name the same service: buckets of one name exist at many. A
 * configured bucket without an endpoint, and any of Amazon's endpoints, mean Amazon S3.
 */
export function sameEndpoint(binding: string | null, configured: string | null): boolean {
  // A binding without an endpoint does not tell where its bucket is.
  if (binding === null) return true;
  return serviceOf(binding) === serviceOf(configured);
}

function serviceOf(endpoint: string | null): string {
  if (endpoint === null || endpoint === '') return 'amazon';
  const url = URL.canParse(endpoint)
    ? new URL(endpoint)
    : URL.canParse(`https://${endpoint}`)
      ? new URL(`https://${endpoint}`)
      : null;
  if (url === null) return endpoint;
  return AMAZON.test(url.hostname) ? 'amazon' : url.host.toLowerCase();
}
