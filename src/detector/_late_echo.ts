/**
 * A gap that is later than anything known may be the first of many: a server that is asked less often now, or a storm. So for the next
 * heartbeats a silence like it is no great surprise: a curve of φ goes in, and the same curve comes out with a ceiling as far
 * as that gap and a bit, from where it catches up. The ceiling rises a little, so that no two silences have the same φ: whoever asks for the φ of a
 * silence and then for the silence of that φ, as a budget does, gets back the same one. A gap that is many times the median long is more likely an
 * outage, and has no echo.
 */

/** The most that φ of silences like the late gap is, for how many heartbeats; and below which it is what it was. */
const ECHO_PHI = 2.5;
export const ECHO_LEAST_PHI = 2.25;
const ECHO_GAPS = 16;
/** As far as the ceiling goes, and where φ has caught up; in lateness of the gap. */
const CEILING_END = 1.25;
const ECHO_END = 1.5;
/** What is longer than so many medians has no echo. */
export const ECHO_LONGEST_MEDIANS = 10;

/** More than a double can tell apart. */
const HALVINGS = 55;

export class LateEcho {
  #lateUs = 0;
  #gapsLeft = 0;

  get isHeard(): boolean {
    return this.#gapsLeft > 0;
  }

  /** One gap ended, and so much later than the median; `knownUs` is the latest that was known. */
  notice(lateUs: number, knownUs: number, medianUs: number): void {
    if (this.#gapsLeft > 0) this.#gapsLeft--;
    const isUnheardOf = lateUs > CEILING_END * knownUs;
    if (!isUnheardOf || lateUs + medianUs > ECHO_LONGEST_MEDIANS * medianUs) return;
    this.#lateUs = this.isHeard ? Math.max(this.#lateUs, lateUs) : lateUs;
    this.#gapsLeft = ECHO_GAPS;
  }

  /** What φ above ECHO_LEAST_PHI becomes, `lateUs` past the median. */
  soften(phi: number, lateUs: number): number {
    const ceilingEndUs = CEILING_END * this.#lateUs;
    if (lateUs < ceilingEndUs) return Math.min(phi, ceilingAt(lateUs / ceilingEndUs));
    if (phi <= ECHO_PHI) return phi;
    const endUs = ECHO_END * this.#lateUs;
    const share = Math.min((lateUs - ceilingEndUs) / (endUs - ceilingEndUs), 1);
    return ECHO_PHI + share * (phi - ECHO_PHI);
  }

  /** The lateness at which `curve`, softened, gets to a `phi` above ECHO_LEAST_PHI; itself it gets there at `unsoftenedUs`. */
  latenessAt(phi: number, unsoftenedUs: number, curve: (lateUs: number) => number): number {
    let lowUs = CEILING_END * this.#lateUs;
    if (phi <= ECHO_PHI) return Math.max(unsoftenedUs, shareBelow(phi) * lowUs);
    let highUs = ECHO_END * this.#lateUs;
    if (unsoftenedUs >= highUs) return unsoftenedUs;
    // Seldom needed, and two factors that both rise: halving is simple, and sure.
    for (let halving = 0; halving < HALVINGS; halving++) {
      const middleUs = (lowUs + highUs) / 2;
      if (this.soften(curve(middleUs), middleUs) < phi) lowUs = middleUs;
      else highUs = middleUs;
    }
    return highUs;
  }
}

/** How high the ceiling is after this share of its length; what is early is under its beginning. */
function ceilingAt(share: number): number {
  return ECHO_LEAST_PHI + (ECHO_PHI - ECHO_LEAST_PHI) * Math.max(share, 0);
}

/** The share of the ceiling's length at which it is as high as this. */
function shareBelow(phi: number): number {
  return (phi - ECHO_LEAST_PHI) / (ECHO_PHI - ECHO_LEAST_PHI);
}
