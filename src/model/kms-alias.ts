/**
 * The name of the alias that a reference to a key of AWS KMS is, `alias/…`; null for one that names a key itself. An alias
 * may be pointed to another key (AWS KMS API Reference, "UpdateAlias").
 *
 * @param keyRef id, ARN, alias name or alias ARN
 */
export function kmsAliasName(keyRef: string): string | null {
  return /^(?:arn:[^/]*:)?(alias\/.+)$/.exec(keyRef)?.[1] ?? null;
}
