/**
 * Something that grows part by part in the order of organization ids. What a run of parts was folded into is plain data
 * that can be handed from one thread to another, and what the next run was folded into is merged after it: the result is
 * the same wherever the parts were divided.
 */
export interface Folding<T> {
  /** What was folded so far; the object that goes on growing, not a copy of it. */
  folded(): T;
  /** @param later what the parts that follow all those folded so far were folded into */
  merge(later: T): void;
}
