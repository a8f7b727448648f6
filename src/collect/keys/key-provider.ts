import type { Facts } from '../../model/facts.ts';
import type { Answer } from '../ask.ts';

/** Something that a key of a provider wrapped, such as an organization's data key. */
export interface WrappedSample {
  /** As the database gives it: text, or `\\x` and hexadecimal digits for bytes. */
  readonly value: string;
  /** What the key was given besides; undefined where the mapping has no such column, null where there was nothing. */
  readonly context: string | null | undefined;
  /** How it was wrapped, where that is recorded beside it; null where it is not. */
  readonly mechanism: string | null;
}

/** What is to be unwrapped, and by which version of which key its database says that it was wrapped. */
export interface ProofQuestion {
  readonly keyRef: string;
  readonly version: number | null;
  readonly sample: WrappedSample;
}

/**
 * A key provider, as the collector uses every kind of it: each translates its vendor's answers into the same words.
 * Methods answer or throw a SourceError; none writes.
 */
export interface KeyProvider {
  readonly id: string;
  readonly kind: string;
  /** Safe to print. */
  readonly locator: string;
  /** What `state` asks, for the report's method section. */
  readonly operations: {
    readonly state: string;
    readonly key: string;
    readonly rights: string;
    readonly settings?: string;
    readonly rotation?: string;
    readonly names?: string;
  };
  state(): Promise<Answer<'provider-state'>>;
  /** The key that a keyring names. A missing key is an answer. */
  key(keyRef: string): Promise<Answer<'key-state'>>;
  /** Settings that let the key be destroyed or copied out; absent where keys of the provider have none. */
  settings?(keyRef: string): Promise<Answer<'key-settings'>>;
  /** How the key is rotated, and when it was; absent where the provider does not tell. */
  rotation?(keyRef: string): Promise<Answer<'key-rotation'>>;
  /**
   * The names of all its keys, as keyrings refer to them; absent where it is not asked. Nothing else needs the right to
   * list them.
   */
  names?(): Promise<readonly string[]>;
  /**
   * What the credentials in use may do; null where the provider offers no way to ask without more rights.
   * @param keyRefs keys to ask about by name, besides what holds for any key
   */
  rights(keyRefs: readonly string[]): Promise<Answer<'access-rights'>> | null;
  /**
   * Has the provider unwrap a wrapped sample, of which nothing is kept. Providers without it cannot prove anything. Only
   * asked where that was asked for; a sample that does not unwrap is an answer.
   */
  prove?(keyRef: string, version: number | null, sample: WrappedSample): Promise<Facts['unwrap-proof']>;
  /** Account and region as the provider itself answered, after `state`. */
  observedDomain(): Facts['failure-domain'] | null;
  /** Difference of clocks as of the last answer; null where it was not told. */
  clockOffsetMillis(): number | null;
  /** Unique id of the mount that holds the keys, after `state`; null where the provider has none. */
  mountUuid(): string | null;
  /** A second provider that is declared to hold the same keys; absent where none is. */
  readonly peer?: KeyPeer;
  /** What manages the provider itself, and is asked about it; absent where nothing is. */
  readonly resource?: {
    /** Safe to print. */
    readonly locator: string;
    readonly operation: string;
    ask(): Promise<Answer<'vault-resource'>>;
  };
  /** Ends what was opened; never rejects. */
  close(): void | Promise<void>;
}

/** What stands in for a provider that is lost. It is asked for itself: that it is declared shows nothing. */
export interface KeyPeer {
  /** Safe to print. */
  readonly locator: string;
  readonly operations: { readonly state: string; readonly key: string };
  state(): Promise<Answer<'provider-peer'>>;
  /** Whether it holds the key that a keyring names. */
  key(keyRef: string): Promise<Answer<'key-peer'>>;
}
