import { createHash } from 'node:crypto';
import type { BlindSpot, Evidence, Grade } from '../model/evidence.ts';
import type { FactKind, Facts } from '../model/facts.ts';
import { type Instant, toInstant } from '../model/instant.ts';
import type { Secret } from '../model/secret.ts';
import { SourceError } from '../model/source-error.ts';
import { type Subject, subjectId } from '../model/subject.ts';

/** What a source answered: facts, and where the list is not complete, why. */
export interface Answer<K extends FactKind> {
  readonly items: readonly Facts[K][];
  readonly blindSpot?: BlindSpot | null;
}

/** One question to one source about one subject. */
export interface Question<K extends FactKind> {
  readonly kind: K;
  readonly subject: Subject;
  readonly source: string;
  readonly operation: string;
  /** Where it is asked, safe to print. */
  readonly locator: string;
  readonly grade?: Grade;
  /** Answers or throws; only {@link Asker.ask} turns a throw into a blind spot. */
  answer(): Answer<K> | Promise<Answer<K>>;
}

/** Of an answer that another host gave earlier. */
export interface Origin {
  readonly collectedAt: Instant;
  /** What tells it from another answer to the same question: the digest of its bundle. */
  readonly digest: string;
}

export interface Asker {
  ask<K extends FactKind>(question: Question<K>): Promise<Evidence<K>>;
  /** Records what is already known without asking anybody, such as a statement of the configuration. */
  record<K extends FactKind>(question: Omit<Question<K>, 'answer'>, answer: Answer<K>, from?: Origin): Evidence<K>;
  /** A blind spot in words, with every known secret taken out. */
  blindSpotOf(error: unknown, source: string): BlindSpot;
}

/** Shorter ones, such as the PIN of a token, are parts of numbers by chance: what is left of a number would tell them. */
const LONG_SECRET = 8;

function patternOf(secret: string): RegExp {
  const literal = secret.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return secret.length >= LONG_SECRET
    ? new RegExp(literal, 'g')
    : new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'gu');
}

/**
 * @param clock gives the instant an answer was received
 * @param secrets every secret in use, also those that are added later: taken out of whatever a source says, should one ever slip into a message
 * @param signal ends the run; an interruption is no blind spot and is thrown on
 */
export function createAsker(clock: () => Instant, secrets: readonly Secret[], signal: AbortSignal): Asker {
  let counted = 0;
  let hidden: readonly RegExp[] = [];
  const clean = (text: string) => {
    if (counted !== secrets.length) {
      counted = secrets.length;
      // Longer ones first: one secret may begin with another, and its rest would be left.
      hidden = secrets
        .map((secret) => secret.reveal())
        .filter((value) => value.length >= 4)
        .sort((a, b) => b.length - a.length)
        .map(patternOf);
    }
    return hidden.reduce((safe, pattern) => safe.replaceAll(pattern, '[secret]'), text);
  };
  const blindSpotOf = (error: unknown, source: string): BlindSpot => {
    if (error instanceof SourceError) {
      return { reason: error.reason, detail: clean(error.message), remedy: clean(error.remedy) };
    }
    const name = error instanceof Error ? error.name : 'unknown error';
    return {
      reason: 'malformed',
      detail: `reading ${source} failed in the auditor itself (${name})`,
      remedy: 'Report this as a defect, with the version of the program and the kind of source.',
    };
  };
  const record = <K extends FactKind>(
    question: Omit<Question<K>, 'answer'>,
    answer: Answer<K>,
    from?: Origin,
  ): Evidence<K> => ({
    id: evidenceId(question, from?.digest),
    kind: question.kind,
    subject: question.subject,
    source: question.source,
    operation: question.operation,
    locator: question.locator,
    grade: question.grade ?? 'observed',
    collectedAt: from?.collectedAt ?? clock(),
    items: answer.items,
    blindSpot: answer.blindSpot ?? null,
  });
  return {
    blindSpotOf,
    record,
    async ask(question) {
      try {
        return record(question, await question.answer());
      } catch (error) {
        signal.throwIfAborted();
        return record(question, { items: [], blindSpot: blindSpotOf(error, question.source) });
      }
    },
  };
}

function evidenceId(question: Omit<Question<FactKind>, 'answer'>, origin: string | undefined): string {
  return createHash('sha256')
    .update(
      [
        question.kind,
        subjectId(question.subject),
        question.source,
        question.operation,
        question.locator,
        ...(origin === undefined ? [] : [origin]),
      ].join('\0'),
    )
    .digest('hex')
    .slice(0, 16);
}

/** The wall clock as an instant. */
export function systemClock(): Instant {
  return toInstant(Date.now());
}
