import type { Observation } from '../model/control.ts';
import { counted } from '../model/text.ts';
import { unknownKeyRefs } from './keys.ts';
import type { KeyFacts, Reasoned } from './recovery-key-facts.ts';

/** Where records use keys that no keyring of theirs names; null where all are named. */
export function strangeKeys(
  keyrings: KeyFacts['keyrings'],
  records: readonly Observation<'key-version'>[],
  use: string,
): Reasoned | null {
  const strange = unknownKeyRefs(keyrings, records);
  if (strange.length === 0) return null;
  const others = new Set(records.flatMap(({ value }) => (value.ofAnotherOrganization === true ? [value.keyRef] : [])));
  const untold = strange.filter((keyRef) => !others.has(keyRef)).length;
  const belong = others.size === 1 ? 'belongs' : 'belong';
  const told = [
    ...(others.size === 0
      ? []
      : [`${counted(others.size, 'key')} that ${belong} to another organization of this install`]),
    ...(untold === 0
      ? []
      : [
          `${counted(untold, 'key')} that no keyring names, so nothing tells where ${untold === 1 ? 'it is' : 'they are'}`,
        ]),
  ];
  return { truth: 'unknown', because: `${use} ${told.join(', and ')}`, cites: records };
}
