/**
 * The only operations that are ever sent to AWS KMS; none changes anything or uses a key.
 * Source: AWS KMS API Reference, version 2014-11-01.
 */
export const KMS_READ_OPERATIONS = {
  DescribeKey: { action: 'kms:DescribeKey', perKey: true, optional: false, purpose: 'state and origin of a key' },
  GetKeyPolicy: {
    action: 'kms:GetKeyPolicy',
    perKey: true,
    optional: false,
    purpose: 'who may delete or disable a key',
  },
  GetKeyRotationStatus: {
    action: 'kms:GetKeyRotationStatus',
    perKey: true,
    optional: true,
    purpose: 'whether a key is rotated by itself',
  },
  ListKeyRotations: { action: 'kms:ListKeyRotations', perKey: true, optional: true, purpose: 'when a key was rotated' },
  ListGrants: {
    action: 'kms:ListGrants',
    perKey: true,
    optional: true,
    purpose: 'who may decrypt with a key, or pass that on, by grants',
  },
  ListAliases: {
    action: 'kms:ListAliases',
    perKey: false,
    optional: true,
    purpose: 'names that point to a key, and since when',
  },
  ListKeys: { action: 'kms:ListKeys', perKey: false, optional: false, purpose: 'whether KMS answers' },
} as const;

/** What besides is sent where unwrapping is to be proven, and only then: it uses a key and changes nothing. */
export const KMS_PROOF_OPERATIONS = {
  Decrypt: {
    action: 'kms:Decrypt',
    perKey: true,
    optional: true,
    purpose: 'with --prove-keys: that a wrapped sample unwraps; the plaintext is overwritten at once',
  },
} as const;

const ALL_OPERATIONS = { ...KMS_READ_OPERATIONS, ...KMS_PROOF_OPERATIONS };

export type KmsOperation = keyof typeof ALL_OPERATIONS;

export function kmsOperation(name: KmsOperation): { readonly action: string; readonly perKey: boolean } {
  return ALL_OPERATIONS[name];
}

/** What may be sent, by its name in the API. */
export function admittedOperations(
  prove: boolean,
): Readonly<Record<string, { readonly action: string; readonly perKey: boolean }>> {
  return prove ? ALL_OPERATIONS : KMS_READ_OPERATIONS;
}

/**
 * The least IAM policy (JSON) under which all of {@link KMS_READ_OPERATIONS} answer for the given keys.
 * @param keyArns ARNs of keys; an alias grants nothing here, since IAM looks at the key behind it
 * @param prove whether it is for {@link KMS_PROOF_OPERATIONS}, too
 */
export function kmsReadPolicy(keyArns: readonly string[], prove = false): string {
  const operations = Object.values(admittedOperations(prove));
  const actions = (perKey: boolean) => operations.filter((one) => one.perKey === perKey).map((one) => one.action);
  const statements = [
    { Sid: 'RecoverageReadsKeys', Effect: 'Allow', Action: actions(true), Resource: keyArns },
    { Sid: 'RecoverageReadsTheAccount', Effect: 'Allow', Action: actions(false), Resource: '*' },
  ].filter((statement) => statement.Resource.length > 0);
  return `${JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2)}\n`;
}
