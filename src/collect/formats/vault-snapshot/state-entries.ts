/** One entry of the storage that a snapshot holds. */
export interface StateEntry {
  readonly key: string;
  readonly valueBytes: number;
  /** The first bytes of the value: all of it where `wholeValue` asked for it and it is small, else at most 5. */
  readonly value: Uint8Array;
}

export interface StateScanner {
  push(chunk: Uint8Array): void;
  /** Whether the bytes so far are whole entries, with nothing left over. */
  isWhole(): boolean;
}

/** Longest key of the bolt database behind Vault's integrated storage (bbolt, MaxKeySize). */
const MAX_KEY_BYTES = 32_768;
const MAX_WHOLE_VALUE_BYTES = 64 * 1024;
const VALUE_BEGIN_BYTES = 5;
const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;

type Expecting = 'entry-length' | 'tag' | 'field-length' | 'key' | 'value' | 'nothing';

/**
 * Follows the framing of `state.bin` in a Vault raft snapshot: an unsigned varint length, then a protobuf message of a
 * key (field 1, text) and a value (field 2, bytes), repeated to the end. Holds one key and the begin of one value at a
 * time. Observed in Vault 1.21.2; the message is `StorageEntry` of its package physical/raft.
 */
export function createStateScanner(
  wholeValue: (key: string) => boolean,
  onEntry: (entry: StateEntry) => void,
): StateScanner {
  let expecting: Expecting = 'entry-length';
  let varint = 0;
  let varintBytes = 0;
  let entryLeft = 0;
  let fieldLeft = 0;
  let isKey = false;
  let seen: Buffer[] = [];
  let seenBytes = 0;
  let key: string | null = null;
  let value: Uint8Array = new Uint8Array(0);
  let valueBytes = 0;

  function fail(): void {
    expecting = 'nothing';
  }

  function startEntry(length: number): void {
    entryLeft = length;
    key = null;
    value = new Uint8Array(0);
    valueBytes = 0;
    expecting = length === 0 ? 'nothing' : 'tag';
  }

  function startField(length: number): void {
    if (length > entryLeft || (isKey && length > MAX_KEY_BYTES)) {
      fail();
      return;
    }
    fieldLeft = length;
    seen = [];
    seenBytes = 0;
    if (!isKey) valueBytes = length;
    expecting = isKey ? 'key' : 'value';
    if (length === 0) endField();
  }

  function endField(): void {
    if (isKey) key = Buffer.concat(seen).toString('utf8');
    else value = Buffer.concat(seen);
    if (entryLeft > 0) {
      expecting = 'tag';
      return;
    }
    expecting = key === null || key === '' ? 'nothing' : 'entry-length';
    if (key !== null && key !== '') onEntry({ key, valueBytes, value });
  }

  function takeVarint(byte: number, done: (number: number) => void): void {
    varint += (byte & 0x7f) * 2 ** (7 * varintBytes);
    varintBytes += 1;
    if (expecting === 'field-length') entryLeft -= 1;
    if (byte < 0x80) {
      const length = varint;
      varint = 0;
      varintBytes = 0;
      done(length);
    } else if (varintBytes > 6 || (expecting === 'field-length' && entryLeft <= 0)) fail();
  }

  function takeTag(byte: number): void {
    entryLeft -= 1;
    isKey = byte === KEY_TAG;
    const inOrder = isKey ? key === null : byte === VALUE_TAG && key !== null && valueBytes === 0;
    expecting = inOrder && entryLeft > 0 ? 'field-length' : 'nothing';
  }

  function takeField(bytes: Uint8Array): void {
    const wanted = isKey ? MAX_KEY_BYTES : wantedOfValue();
    if (seenBytes < wanted) {
      const part = Buffer.from(bytes.subarray(0, wanted - seenBytes));
      seen.push(part);
      seenBytes += part.length;
    }
    fieldLeft -= bytes.length;
    entryLeft -= bytes.length;
    if (fieldLeft === 0) endField();
  }

  function wantedOfValue(): number {
    return key !== null && valueBytes <= MAX_WHOLE_VALUE_BYTES && wholeValue(key)
      ? MAX_WHOLE_VALUE_BYTES
      : VALUE_BEGIN_BYTES;
  }

  return {
    push(chunk) {
      let offset = 0;
      while (offset < chunk.length) {
        if (expecting === 'nothing') return;
        if (expecting === 'key' || expecting === 'value') {
          const part = chunk.subarray(offset, offset + fieldLeft);
          offset += part.length;
          takeField(part);
          continue;
        }
        const byte = chunk[offset] ?? 0;
        offset += 1;
        if (expecting === 'entry-length') takeVarint(byte, startEntry);
        else if (expecting === 'tag') takeTag(byte);
        else takeVarint(byte, startField);
      }
    },
    isWhole: () => expecting === 'entry-length' && varintBytes === 0,
  };
}
