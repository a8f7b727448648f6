/**
 * What may go on of an answer that holds a plaintext: which key version gave it, and whether there was one. The plaintext
 * is overwritten in the bytes as they came, so that it becomes neither text nor an answer of the SDK.
 *
 * @param body the answer to unwrapKey or decrypt; zeros afterwards
 * @returns JSON of the same shape, whose `value` stands for a zero byte, or for nothing where there was none
 */
export function withoutPlaintext(body: Buffer): string {
  const kid = stringOf(body, 'kid');
  const value = stringOf(body, 'value');
  const answer = { kid: kid?.toString('utf8') ?? null, value: value === null || value.length === 0 ? '' : 'AA' };
  body.fill(0);
  return JSON.stringify(answer);
}

/**
 * The characters of a member's string, where they stand. Neither identifiers of keys nor base64url hold a quotation mark
 * or an escape, so that the string ends at the next one.
 */
function stringOf(body: Buffer, member: string): Buffer | null {
  const name = `"${member}"`;
  const begins = body.indexOf(name);
  if (begins < 0) return null;
  let at = afterBlanks(body, begins + name.length);
  if (body[at] !== COLON) return null;
  at = afterBlanks(body, at + 1);
  if (body[at] !== QUOTE) return null;
  const ends = body.indexOf(QUOTE, at + 1);
  return ends < 0 ? null : body.subarray(at + 1, ends);
}

const COLON = 0x3a;
const QUOTE = 0x22;
const BLANKS: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d]);

function afterBlanks(body: Buffer, from: number): number {
  let at = from;
  while (BLANKS.has(body[at])) at += 1;
  return at;
}
