/**
 * The bytes that an ASCII armor (RFC 9580 section 6; age README, "strict PEM") holds, as far as its text is there. Header
 * lines up to an empty line, and a checksum line, are left out.
 */
export function dearmored(text: string): Uint8Array {
  const [, ...lines] = text.split(/\r?\n/);
  const blank = lines.findIndex((line) => line.trim() === '');
  const hasHeaders = blank >= 0 && lines.slice(0, blank).every((line) => line.includes(': '));
  const body = hasHeaders ? lines.slice(blank + 1) : lines;
  const end = body.findIndex((line) => line.startsWith('-----') || line.startsWith('='));
  return Buffer.from((end < 0 ? body : body.slice(0, end)).join(''), 'base64');
}
