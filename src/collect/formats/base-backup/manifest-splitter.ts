import { FormatDamage } from '../format-damage.ts';

const LONGEST_ELEMENT = 64 * 1024;
const LONGEST_REST = 64 * 1024;
const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

/**
 * Cuts a JSON text `{…, "Files": [{…}, {…}, …], …}` into the objects of its arrays and the rest while the bytes come,
 * so that a manifest of a million files takes no more memory than one of ten. What is cut out is not parsed here.
 */
export interface ManifestSplitter {
  /** @throws FormatDamage when the nesting is not that of a manifest, or a part is longer than any real one */
  write(bytes: Uint8Array): void;
  /** The text with the objects of each array replaced by one `0`. @throws FormatDamage when it ends too early */
  finish(): string;
}

/** @param onElement given the name of the array and the text of one object in it */
export function createManifestSplitter(onElement: (array: string, text: string) => void): ManifestSplitter {
  /** 1 in the object of the manifest, 2 in one of its arrays, 3 in an object of that array. */
  let depth = 0;
  let inString = false;
  let escaped = false;
  let array = '';
  let rest = '';
  /** Length of `rest` right after the last object of the open array; null where it has had none. */
  let lastElementEnd: number | null = null;
  let held: Uint8Array[] = [];
  let heldBytes = 0;

  const hold = (piece: Uint8Array): void => {
    heldBytes += piece.length;
    if (heldBytes > LONGEST_ELEMENT) throw notAManifest();
    held.push(piece);
  };
  const takeHeld = (): string => {
    const text = Buffer.concat(held).toString('utf8');
    held = [];
    heldBytes = 0;
    return text;
  };
  const endRest = (): void => {
    rest += takeHeld();
    if (rest.length > LONGEST_REST) throw notAManifest();
  };
  const startElement = (): void => {
    endRest();
    if (lastElementEnd === null) return;
    if (!/^\s*,\s*$/.test(rest.slice(lastElementEnd))) throw notAManifest();
    rest = rest.slice(0, lastElementEnd);
  };
  const endElement = (): void => {
    onElement(array, takeHeld());
    if (lastElementEnd === null) rest += '0';
    lastElementEnd = rest.length;
  };
  const startArray = (): void => {
    endRest();
    array = /"([^"]*)"\s*:\s*$/.exec(rest)?.[1] ?? '';
    lastElementEnd = null;
  };

  return {
    write: (bytes) => {
      let from = 0;
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at] ?? 0;
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) inString = false;
          continue;
        }
        if (byte === QUOTE) inString = true;
        else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
          depth += 1;
          if ((depth === 2) !== (byte === OPEN_BRACKET) || depth > 3) throw notAManifest();
          if (depth === 1) continue;
          hold(bytes.subarray(from, at));
          from = at;
          if (depth === 2) startArray();
          else startElement();
        } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
          if ((depth === 2) !== (byte === CLOSE_BRACKET) || depth === 0) throw notAManifest();
          depth -= 1;
          if (depth !== 2) continue;
          hold(bytes.subarray(from, at + 1));
          from = at + 1;
          endElement();
        }
      }
      // A copy: the chunk may be written over once this returns.
      hold(Uint8Array.from(bytes.subarray(from)));
      if (depth < 3) endRest();
    },
    finish: () => {
      if (depth !== 0 || inString) throw new FormatDamage('its backup_manifest is cut off');
      endRest();
      return rest;
    },
  };
}

function notAManifest(): FormatDamage {
  return new FormatDamage('its backup_manifest is damaged: it is not built like one');
}
