import { createMessageScanner, type FieldValue } from './msgpack-messages.ts';
import type { StateEntry, StateScanner } from './state-entries.ts';

/** Type of the messages that each hold one entry of Consul's key-value store (Consul, agent/structs, `KVSRequestType`). */
const KEY_VALUE = 2;
/** First field of the header, by which this is a snapshot of Consul and not of Nomad, which keeps the same archive. */
const HEADER_FIELD = 'LastIndex';
const MAX_KEY_BYTES = 32_768;
const MAX_WHOLE_VALUE_BYTES = 64 * 1024;
const VALUE_BEGIN_BYTES = 5;

export interface ConsulScanner extends StateScanner {
  /** Whether what came so far can be of Consul: false once its header shows another product. */
  isConsul(): boolean;
}

/**
 * Follows `state.bin` in a snapshot of Consul: a header in MessagePack, then messages of one byte for the type and one value
 * in MessagePack each, to the end. Only entries of the key-value store are looked at; tokens, services and all else are
 * passed over. Source: Consul 1.22, package agent/consul/fsm, `SnapshotHeader` and `persistKVs`.
 */
export function createConsulScanner(
  wholeValue: (key: string) => boolean,
  onEntry: (entry: StateEntry) => void,
): ConsulScanner {
  let isNamed = false;
  let isConsul = true;
  let key: string | null = null;
  let value: FieldValue | null = null;

  function wanted(type: number | null, field: string, bytes: number): number {
    if (type !== KEY_VALUE) return 0;
    if (field === 'Key') return MAX_KEY_BYTES;
    if (field !== 'Value') return 0;
    return key !== null && bytes <= MAX_WHOLE_VALUE_BYTES && wholeValue(key) ? bytes : VALUE_BEGIN_BYTES;
  }

  const { push, isWhole } = createMessageScanner({
    wanted,
    onField(type, field, read) {
      if (type === null) isNamed ||= field === HEADER_FIELD;
      else if (type === KEY_VALUE && field === 'Key') key = Buffer.from(read.begin).toString('utf8');
      else if (type === KEY_VALUE && field === 'Value') value = read;
    },
    onMessage(type) {
      if (type === null) isConsul = isNamed;
      if (type === KEY_VALUE && key !== null && key !== '') {
        onEntry({ key, valueBytes: value?.bytes ?? 0, value: value?.begin ?? new Uint8Array(0) });
      }
      key = null;
      value = null;
    },
  });

  return { push, isWhole, isConsul: () => isConsul };
}
