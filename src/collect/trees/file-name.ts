import { sep } from 'node:path';

const SLASH = 0x2f;
const BACKSLASH = '\\x5c';
/** Only bytes that UTF-8 text could hold wrongly, and the backslash: no escape can spell a separator, a dot or a NUL. */
const ESCAPE = /\\x(5c|[89a-f][0-9a-f])/g;

/**
 * A file name as text from which {@link nameBytes} gives the same bytes again. File systems of POSIX keep names as
 * bytes (POSIX.1-2024, 3.141 "Filename"). Text stands as it is; a name that is no UTF-8 has each byte above ASCII as
 * `\xff`, and its backslashes, like those of a text that already looks so, as `\x5c`.
 */
export function nameText(name: Buffer): string {
  if (isPlain(name)) return name.toString('latin1');
  const text = name.toString('utf8');
  const isText = Buffer.from(text).equals(name);
  if (isText && text.search(ESCAPE) < 0) return text;
  const escaped = isText ? text : name.toString('latin1');
  const printable = escaped.replaceAll('\\', BACKSLASH);
  return isText ? printable : printable.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}

/** A path, of which each name is as {@link nameText} writes it: as a listing has it. */
export function pathText(path: Buffer): string {
  if (isPlain(path)) return path.toString('latin1');
  const names: string[] = [];
  for (let at = 0; at <= path.length; ) {
    const slash = path.indexOf(SLASH, at);
    const end = slash < 0 ? path.length : slash;
    names.push(nameText(path.subarray(at, end)));
    at = end + 1;
  }
  return names.join('/');
}

/** Of most names it is plain at once that they are ASCII without a backslash, and so their own text. */
function isPlain(name: Buffer): boolean {
  for (const byte of name) if (byte >= 0x80 || byte === 0x5c) return false;
  return true;
}

/**
 * A path of {@link nameText}s below a directory, as the system is asked for it: as text where text says it all, which
 * is asked several times as fast as bytes.
 */
export function systemPath(base: string, path: string): string | Buffer {
  if (path === '') return base;
  return path.includes('\\x') && path.search(ESCAPE) >= 0
    ? Buffer.concat([Buffer.from(base + sep), nameBytes(path)])
    : `${base}${sep}${path}`;
}

/** The bytes of a name or path as {@link nameText} writes it. */
export function nameBytes(text: string): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const match of text.matchAll(ESCAPE)) {
    pieces.push(Buffer.from(text.slice(at, match.index)), Buffer.from(match[1] ?? '', 'hex'));
    at = match.index + match[0].length;
  }
  return Buffer.concat([...pieces, Buffer.from(text.slice(at))]);
}
