/** A length-delimited field of a protobuf message. */
export interface ProtobufField {
  readonly number: number;
  readonly value: Uint8Array;
}

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

/**
 * The length-delimited fields of a small protobuf message, in order; other wire types are skipped. Null where the bytes are
 * no such message (protobuf.dev, "Encoding").
 */
export function protobufFields(message: Uint8Array): readonly ProtobufField[] | null {
  const fields: ProtobufField[] = [];
  let offset = 0;
  while (offset < message.length) {
    const tag = readVarint(message, offset);
    if (tag === null) return null;
    offset = tag.next;
    const wire = tag.value % 8;
    if (wire === WIRE_BYTES) {
      const length = readVarint(message, offset);
      if (length === null || length.next + length.value > message.length) return null;
      offset = length.next + length.value;
      fields.push({ number: Math.floor(tag.value / 8), value: message.subarray(length.next, offset) });
    } else if (wire === WIRE_VARINT) {
      const skipped = readVarint(message, offset);
      if (skipped === null) return null;
      offset = skipped.next;
    } else if (wire === WIRE_FIXED64) offset += 8;
    else if (wire === WIRE_FIXED32) offset += 4;
    else return null;
  }
  return offset === message.length ? fields : null;
}

function readVarint(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } | null {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: start + index + 1 };
  }
  // Flags and lengths in these messages are small; a longer number is no such message, save for a negative one, unused here.
  return null;
}
