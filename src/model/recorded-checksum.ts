/**
 * A recorded SHA-256 as lower-case hexadecimal; null for what is in no notation of one. Known are 64 hexadecimal digits,
 * alone or after `sha256:`, and the line that sha256sum prints, in which the name of the file follows (and a backslash
 * precedes, where that name is escaped).
 */
export function sha256Of(recorded: string | null): string | null {
  const [, sum] = /^\s*(?:sha-?256:|\\)?([0-9a-f]{64})(?:\s|$)/.exec(recorded?.toLowerCase() ?? '') ?? [];
  return sum ?? null;
}
