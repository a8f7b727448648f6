import { damaged } from './compressed-input.ts';

const SMALLEST_ROOM = 256 * 1024;

/** The bytes written last, as far back as matches may reach, and those of the chunk at hand. Grows only as it is filled. */
export class LzmaWindow {
  readonly #size: number;
  #bytes = new Uint8Array(0);
  #end = 0;
  /** How far back matches may reach now. */
  #reach = 0;
  #chunkEnd = 0;

  /** @param size of the dictionary that the format states */
  constructor(size: number) {
    this.#size = size;
  }

  forget(): void {
    this.#reach = 0;
  }

  /** Makes room for the next chunk. */
  begin(length: number): void {
    if (this.#end + length > this.#bytes.length) {
      const kept = Math.min(this.#reach, this.#size, this.#end);
      const wanted = Math.min(2 * kept, kept + this.#size / 4) + length + SMALLEST_ROOM;
      const room = wanted > this.#bytes.length ? new Uint8Array(wanted) : this.#bytes;
      room.set(this.#bytes.subarray(this.#end - kept, this.#end), 0);
      this.#bytes = room;
      this.#end = kept;
    }
    this.#chunkEnd = this.#end + length;
  }

  /** What the chunk has filled, as a copy. */
  chunk(length: number): Uint8Array {
    return this.#bytes.slice(this.#end - length, this.#end);
  }

  /** Bytes that the chunk still lacks. */
  left(): number {
    return this.#chunkEnd - this.#end;
  }

  put(byte: number): void {
    this.#bytes[this.#end] = byte;
    this.#end += 1;
    this.#reach += 1;
  }

  putAll(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
    this.#reach += bytes.length;
  }

  /** The byte that lies `distance` + 1 bytes back; 0 where there is none yet. */
  peek(distance: number): number {
    return distance < this.#reach ? (this.#bytes[this.#end - distance - 1] ?? 0) : 0;
  }

  /** Repeats what lies `distance` + 1 bytes back. @throws CompressedDamage */
  repeat(distance: number, length: number): void {
    if (distance >= this.#reach || distance >= this.#size || length > this.left()) throw damaged('xz', 'a match');
    const bytes = this.#bytes;
    const from = this.#end - distance - 1;
    if (distance + 1 >= length) bytes.copyWithin(this.#end, from, from + length);
    else for (let index = 0; index < length; index += 1) bytes[this.#end + index] = bytes[from + index] ?? 0;
    this.#end += length;
    this.#reach += length;
  }
}
