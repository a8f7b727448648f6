import type { Estate, OpenProvider } from '../estate.ts';
import { parseKmsArn } from './kms-arn.ts';

/** The configured provider of the account and region in which a key of AWS KMS is; undefined where none has answered. */
export function kmsProviderOf(estate: Pick<Estate, 'providers'>, key: string): OpenProvider | undefined {
  const place = parseKmsArn(key);
  if (place === null) return undefined;
  return [...estate.providers.values()].find(({ config, provider }) => {
    const domain = provider.observedDomain();
    return config.kind === 'aws-kms' && domain?.account === place.account && domain.region === place.region;
  });
}
