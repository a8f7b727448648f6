/**
 * A number of 53 bits for a name, the same in one run and others in the next: two 32-bit multiplicative hashes that start
 * from a key (the mixing of MurmurHash3). Of 100 million names about one pair is expected to share a number, so that counts
 * made of them may be off by so few.
 *
 * @param key two whole numbers, new for each run
 */
export function nameNumber(name: string, [one, other]: readonly [number, number]): number {
  let high = 0xdeadbeef ^ one;
  let low = 0x41c6ce57 ^ other;
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}
