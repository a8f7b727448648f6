import type { ReadingAnswer } from './thread-messages.ts';

type Reading = Extract<ReadingAnswer, { readonly reading: unknown }>['reading'];

/**
 * The answers of one task on their way between threads. Nearly all are readings whose common part was sent before: a
 * column for each property of those, as copying columns takes a fraction of what copying objects does.
 */
export interface PackedAnswers {
  /** How many there are. */
  readonly length: number;
  /** All others, with their places among them. */
  readonly whole: readonly (readonly [index: number, answer: ReadingAnswer])[];
  readonly numbers: Uint32Array;
  readonly startedLocal: readonly (string | null)[];
  readonly startedAt: readonly (string | null)[];
  readonly bytesRead: Float64Array;
}

export function packAnswers(answers: readonly ReadingAnswer[]): PackedAnswers {
  const whole: [number, ReadingAnswer][] = [];
  const readings: Reading[] = [];
  for (const [index, answer] of answers.entries()) {
    if ('reading' in answer && isPacked(answer.reading)) readings.push(answer.reading);
    else whole.push([index, answer]);
  }
  return {
    length: answers.length,
    whole,
    numbers: Uint32Array.from(readings, ({ number }) => number),
    startedLocal: readings.map(({ own }) => own.startedLocal),
    startedAt: readings.map(({ own }) => own.startedAt),
    bytesRead: Float64Array.from(readings, ({ own }) => own.bytesRead),
  };
}

function isPacked({ common, own }: Reading): boolean {
  return common === null && own.sha256 === null && own.sha256AtStore === undefined;
}

/** In the order in which they were packed. */
export function* unpackAnswers(packed: PackedAnswers): Generator<ReadingAnswer, void, undefined> {
  const { length, whole, numbers, startedLocal, startedAt, bytesRead } = packed;
  let [nextWhole, next] = [0, 0];
  for (let index = 0; index < length; index += 1) {
    const [at, answer] = whole[nextWhole] ?? [];
    if (at === index && answer !== undefined) {
      yield answer;
      nextWhole += 1;
      continue;
    }
    const own = {
      startedLocal: startedLocal[next] ?? null,
      startedAt: startedAt[next] ?? null,
      bytesRead: bytesRead[next] ?? 0,
      sha256: null,
    };
    yield { reading: { own, number: numbers[next] ?? 0, common: null } };
    next += 1;
  }
}
