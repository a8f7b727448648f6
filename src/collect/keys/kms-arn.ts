/** Where a key of AWS KMS is, as its ARN says. */
export interface KmsArn {
  readonly region: string;
  readonly account: string;
}

/** `arn:partition:kms:region:account:key/…` or `:alias/…` (AWS KMS Developer Guide, "Find the key ID and key ARN"); null for other texts. */
export function parseKmsArn(arn: string): KmsArn | null {
  const [, region, account] = /^arn:[a-z-]+:kms:([a-z0-9-]+):([0-9]{12}):(?:key|alias)\/.+$/.exec(arn) ?? [];
  return region === undefined || account === undefined ? null : { region, account };
}
