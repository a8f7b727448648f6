import type { KeyProvider } from './key-provider.ts';

/** A provider that cannot be asked: every question about it becomes the blind spot of `error`, never silence. */
export function unansweringKeyProvider(id: string, kind: string, error: unknown): KeyProvider {
  const refuse = () => Promise.reject(error);
  return {
    id,
    kind,
    locator: `${kind} ${id}`,
    operations: { state: 'none', key: 'none', rights: 'none' },
    state: refuse,
    key: refuse,
    settings: refuse,
    rotation: refuse,
    rights: refuse,
    prove: refuse,
    observedDomain: () => null,
    clockOffsetMillis: () => null,
    mountUuid: () => null,
    peer: {
      locator: `${kind} ${id}`,
      operations: { state: 'none', key: 'none' },
      state: refuse,
      key: refuse,
    },
    close: () => undefined,
  };
}
