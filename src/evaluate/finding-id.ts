/**
 * Short hash of control, organization and subject, so that a finding keeps its id from run to run. Not cryptographic:
 * 64 bits, two 32-bit FNV-1a sums with different offsets (Fowler, Noll, Vo).
 */
export function findingId(controlId: string, organizationId: string | null, subjectKey: string): string {
  const text = `${controlId}\u0000${organizationId ?? ''}\u0000${subjectKey}`;
  return hex(fnv1a(text, 0x811c9dc5)) + hex(fnv1a(text, 0x01234567));
}

function fnv1a(text: string, offset: number): number {
  let hash = offset;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
