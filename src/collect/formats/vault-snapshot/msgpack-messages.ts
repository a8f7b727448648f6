/** The value of one field of a message. */
export interface FieldValue {
  readonly bytes: number;
  /** As many of the first bytes as were wanted; none of what is no text and no bytes. */
  readonly begin: Uint8Array;
}

export interface MessageVisitor {
  /**
   * How many of the first bytes of a field's value are wanted.
   * @param type of the message; null: the header
   */
  wanted(type: number | null, field: string, bytes: number): number;
  /** Told of each field at the top of a message. */
  onField(type: number | null, field: string, value: FieldValue): void;
  onMessage(type: number | null): void;
}

export interface MessageScanner {
  push(chunk: Uint8Array): void;
  /** Whether the bytes so far are whole messages, with nothing left over. */
  isWhole(): boolean;
}

/** Longer names of fields are none that anybody asks for. */
const MAX_FIELD_NAME_BYTES = 64;
/** Structures of the products that write such files are a few levels deep. */
const MAX_DEPTH = 128;
const NOTHING = new Uint8Array(0);

/** After each head byte: how many bytes tell the length, and what the length counts. */
const SIZED: ReadonlyMap<number, readonly [lengthBytes: number, of: 'bytes' | 'extension' | 'array' | 'map']> = new Map(
  [
    [0xc4, [1, 'bytes']],
    [0xc5, [2, 'bytes']],
    [0xc6, [4, 'bytes']],
    [0xc7, [1, 'extension']],
    [0xc8, [2, 'extension']],
    [0xc9, [4, 'extension']],
    [0xd9, [1, 'bytes']],
    [0xda, [2, 'bytes']],
    [0xdb, [4, 'bytes']],
    [0xdc, [2, 'array']],
    [0xdd, [4, 'array']],
    [0xde, [2, 'map']],
    [0xdf, [4, 'map']],
  ],
);

/** Bytes after each head byte that tells its own length: numbers, and extensions with the byte of their type. */
const FIXED: ReadonlyMap<number, number> = new Map([
  [0xc0, 0],
  [0xc2, 0],
  [0xc3, 0],
  [0xca, 4],
  [0xcb, 8],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
  [0xd4, 2],
  [0xd5, 3],
  [0xd6, 5],
  [0xd7, 9],
  [0xd8, 17],
]);

/**
 * Follows a header in MessagePack and messages of one byte and one value in MessagePack, whatever the size of the chunks.
 * Holds one field at a time, and of its value no more than is wanted. Source: the MessagePack specification, "Formats".
 */
export function createMessageScanner(visitor: MessageVisitor): MessageScanner {
  /** Values still to come in each container that is open; in a map its keys count, too. */
  const open: number[] = [];
  let failed = false;
  let awaitsType = false;
  let type: number | null = null;
  let isMap = false;
  let field: string | null = null;
  let lengthLeft = 0;
  let length = 0;
  let sizeOf: 'bytes' | 'extension' | 'array' | 'map' = 'bytes';
  let payload = 0;
  let payloadLeft = 0;
  let keep = 0;
  let kept: Buffer[] = [];
  let keptBytes = 0;
  /** Whether the bytes under way are a number or the like, of which nothing is told. */
  let isPlain = false;

  const isName = (): boolean => open.length === 1 && isMap && (open[0] ?? 0) % 2 === 0;
  const isField = (): boolean => open.length === 1 && isMap && (open[0] ?? 0) % 2 === 1;

  function endMessage(): void {
    visitor.onMessage(type);
    awaitsType = true;
    isMap = false;
    field = null;
  }

  /** A value is whole; so may be what it is in. */
  function endValue(): void {
    for (let left = open.pop(); left !== undefined; left = open.pop()) {
      if (left > 1) {
        open.push(left - 1);
        return;
      }
      // What it ends is itself a value of the container around it; of a field at the top, there is nothing to tell.
    }
    endMessage();
  }

  function startContainer(values: number, map: boolean): void {
    if (isName()) field = null;
    else if (isField()) noteField({ bytes: 0, begin: NOTHING });
    if (open.length === 0) isMap = map;
    if (values === 0) endValue();
    else if (open.length >= MAX_DEPTH) failed = true;
    else open.push(values);
  }

  function noteField(value: FieldValue): void {
    if (field !== null) visitor.onField(type, field, value);
    field = null;
  }

  function startBytes(bytes: number): void {
    payload = bytes;
    payloadLeft = bytes;
    kept = [];
    keptBytes = 0;
    keep = isName() ? MAX_FIELD_NAME_BYTES : isField() && field !== null ? visitor.wanted(type, field, bytes) : 0;
    if (bytes === 0) endBytes();
  }

  function endBytes(): void {
    const begin = keptBytes === 0 ? NOTHING : Buffer.concat(kept);
    kept = [];
    if (isName()) field = Buffer.from(begin).toString('utf8');
    else if (isField()) noteField({ bytes: payload, begin });
    endValue();
  }

  /** A number or the like: nobody asks for what it is. */
  function startPlain(bytes: number): void {
    if (isName()) field = null;
    else if (isField()) noteField({ bytes: 0, begin: NOTHING });
    keep = 0;
    payloadLeft = bytes;
    isPlain = bytes > 0;
    if (bytes === 0) endValue();
  }

  function takeHead(head: number): void {
    const sized = SIZED.get(head);
    const fixed = FIXED.get(head);
    if (head <= 0x7f || head >= 0xe0) startPlain(0);
    else if (head <= 0x8f) startContainer(2 * (head & 0x0f), true);
    else if (head <= 0x9f) startContainer(head & 0x0f, false);
    else if (head <= 0xbf) startBytes(head & 0x1f);
    else if (sized !== undefined) {
      [lengthLeft, sizeOf] = sized;
      length = 0;
    } else if (fixed !== undefined) startPlain(fixed);
    else failed = true;
  }

  function takeLength(byte: number): void {
    length = length * 256 + byte;
    lengthLeft -= 1;
    if (lengthLeft > 0) return;
    if (sizeOf === 'bytes') startBytes(length);
    else if (sizeOf === 'extension') startPlain(length + 1);
    else startContainer(sizeOf === 'map' ? 2 * length : length, sizeOf === 'map');
  }

  function takePayload(bytes: Uint8Array): void {
    if (keptBytes < keep) {
      const part = Buffer.from(bytes.subarray(0, keep - keptBytes));
      kept.push(part);
      keptBytes += part.length;
    }
    payloadLeft -= bytes.length;
    if (payloadLeft > 0) return;
    if (isPlain) {
      isPlain = false;
      endValue();
    } else endBytes();
  }

  return {
    push(chunk) {
      for (let offset = 0; offset < chunk.length && !failed; ) {
        if (payloadLeft > 0) {
          const part = chunk.subarray(offset, offset + payloadLeft);
          offset += part.length;
          takePayload(part);
          continue;
        }
        const byte = chunk[offset] ?? 0;
        offset += 1;
        if (lengthLeft > 0) takeLength(byte);
        else if (awaitsType) {
          awaitsType = false;
          type = byte;
        } else takeHead(byte);
      }
    },
    isWhole: () => !failed && awaitsType,
  };
}
