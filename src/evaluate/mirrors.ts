import type { Observation, Truth } from '../model/control.ts';
import { counted } from '../model/text.ts';
import { allOf } from './conclude.ts';
import { need } from './define-control.ts';
import { keptBy, type Reason } from './replication.ts';

/** What tells whether a bucket that is stated to mirror a store is a second copy of its files. */
export const MIRRORS = {
  mirrors: need('store-replica', 'self', 'more-helps'),
  copySamples: need('file-copy-sample', 'self', 'either'),
} as const;

export interface MirrorFacts {
  readonly mirrors: readonly Observation<'store-replica'>[];
  readonly copySamples: readonly Observation<'file-copy-sample'>[];
}

/** A bucket that something else than the service keeps like the store. */
export interface Mirror {
  readonly bucket: Observation<'store-replica'>;
  readonly name: string;
  /** Whether it is a second copy of every file, wherever it stands. */
  readonly truth: Truth;
  readonly because: string;
  /** False of one that nobody could ask: what else is told of it is nothing that anybody saw. */
  readonly isAsked: boolean;
}

/** Every bucket that is stated to mirror the store: a second copy as far as it keeps versions and files drawn are in it. */
export function mirrorsOf({ mirrors, copySamples }: MirrorFacts, prefixes: readonly string[]): readonly Mirror[] {
  return mirrors
    .filter(({ value }) => value.mirror === true)
    .map((bucket): Mirror => {
      const { destination: name, untold } = bucket.value;
      if (untold !== undefined) {
        const because = `bucket ${name}, the stated mirror: ${untold}`;
        return { bucket, name, truth: 'unknown', because, isAsked: false };
      }
      const reasons = [keptBy(bucket, name, prefixes), heldBy(name, copySamples)];
      const truth = allOf(reasons.map((reason) => reason.truth));
      const deciding = reasons.filter((reason) => reason.truth === truth);
      return { bucket, name, truth, because: deciding.map(({ because }) => because).join('; '), isAsked: true };
    });
}

function heldBy(name: string, samples: readonly Observation<'file-copy-sample'>[]): Reason {
  const own = samples.filter(({ value }) => value.method === 'mirror' && value.location === name);
  const bad = own.find(({ value }) => value.missing + value.sizeDiffers + value.checksumDiffers > 0);
  if (bad !== undefined) {
    const { expected, found } = bad.value;
    return { truth: 'fails', because: `of ${counted(expected, 'file')} drawn only ${found} are in bucket ${name}` };
  }
  const whole = own.filter(({ value: { expected, found } }) => expected > 0 && found === expected);
  const [first] = whole;
  if (first === undefined || whole.length < own.length) {
    return { truth: 'unknown', because: `whether the files are in bucket ${name}, the stated mirror, was not seen` };
  }
  const { found } = first.value;
  return { truth: 'holds', because: `${found} of ${counted(found, 'file')} drawn are in bucket ${name}` };
}
