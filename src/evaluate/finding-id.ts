/**
 * Short hash of control, organization and subject, so that a finding keeps its id from run to run. Not cryptographic:
 * 64 bits, two 32-bit FNV-1a sums with different offsets (Fowler, Noll, Vo).
 */
export function findingId(controlId: string, organizationId: string | null, subjectKey: string): string {
  const text = `${controlId}\u0000${organizationId ?? ''}\u0000${subjectKey}`;
  let one = 0x811c9dc5;
  let other = 0x01234567;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, FNV_PRIME);
    other = Math.imul(other ^ code, FNV_PRIME);
  }
  return hex(one >>> 0) + hex(other >>> 0);
}

const FNV_PRIME = 0x01000193;

/** Every byte in hexadecimal: numbers above 2^31 are written in a slow way otherwise. */
const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(value: number): string {
  const high = `${BYTES[value >>> 24]}${BYTES[(value >>> 16) & 0xff]}`;
  return `${high}${BYTES[(value >>> 8) & 0xff]}${BYTES[value & 0xff]}`;
}
