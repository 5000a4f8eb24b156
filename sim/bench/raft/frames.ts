/** Messages on a stream of bytes: each as its length, four bytes with the highest first, and itself. */

const HEAD_BYTES = 4;

export function framed(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEAD_BYTES + bytes.length);
  new DataView(frame.buffer).setUint32(0, bytes.length);
  frame.set(bytes, HEAD_BYTES);
  return frame;
}

/** Puts frames together from what comes in. Gives each as bytes of its own. */
export class FrameReader {
  /** The beginning of a frame whose rest has not come yet. */
  #rest = new Uint8Array();

  take(chunk: Uint8Array): Uint8Array[] {
    const bytes = this.#rest.length === 0 ? chunk : concatenated(this.#rest, chunk);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const frames: Uint8Array[] = [];
    let start = 0;
    while (bytes.length - start >= HEAD_BYTES) {
      const end = start + HEAD_BYTES + view.getUint32(start);
      if (end > bytes.length) break;
      frames.push(new Uint8Array(bytes.subarray(start + HEAD_BYTES, end)));
      start = end;
    }
    this.#rest = new Uint8Array(bytes.subarray(start));
    return frames;
  }
}

function concatenated(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
