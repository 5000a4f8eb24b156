/**
 * One round against the prober in memory: each answer is given whole, and cut into pieces, and what the prober
 * makes of it has to be what the dumb twin reads in it, both times. Of a few every cut in two is tried.
 */
import type { Random } from "../../world/random.ts";
import { cut } from "../mutation.ts";
import type { Tally } from "../fuzz_target.ts";
import { type GeneratedAnswer, generateAnswer } from "./answer_grammar.ts";
import { type Heard, MemoryWorld } from "./memory_world.ts";
import { type Question, readAnswer } from "./reference_reading.ts";

/** A question, how it is put, and the world in which it is. */
export interface Asker {
  readonly question: Question;
  readonly bodyMatches: RegExp | undefined;
  readonly world: MemoryWorld;
}

const STATUS_MATCHES = (status: number) => status >= 200 && status <= 299;
const QUESTIONS: readonly (readonly [
  method: string,
  maxBodyBytes: number,
  bodyMatches?: RegExp,
])[] = [
  ["GET", 1_000],
  ["GET", 1_000, /ok|\u00e9/u],
  ["GET", 10],
  ["HEAD", 1_000],
];

export function makeAskers(): readonly Asker[] {
  return QUESTIONS.map(([method, maxBodyBytes, bodyMatches]) => ({
    question: { isHead: method === "HEAD", maxBodyBytes, statusMatches: STATUS_MATCHES },
    bodyMatches,
    world: new MemoryWorld({
      method,
      maxBodyBytes,
      statusMatches: STATUS_MATCHES,
      ...(bodyMatches && { bodyMatches }),
    }),
  }));
}

const MOST_PIECES = 6;
/** Of so many answers one is cut everywhere. */
const EVERYWHERE_ONE_IN = 200;
const EVERYWHERE_MOST_BYTES = 300;

/** What is wrong with the first answer with which something is. */
export function memoryRound(
  random: Random,
  answers: number,
  askers: readonly Asker[],
  tally: Tally,
): readonly string[] {
  for (let left = answers; left > 0; left--) {
    const answer = generateAnswer(random);
    const asker = random.pick(askers);
    const expected = expectedOf(answer, asker);
    tally.add(expected.outcome);
    for (const pieces of cutsOf(random, answer.text)) {
      const heard = asker.world.hear(pieces, answer.hasEnded);
      const fault = faultOf(heard, expected, asker.world.alarms);
      if (fault !== undefined) return [`${fault}; ${show(answer, pieces)}`];
    }
  }
  return [];
}

function cutsOf(random: Random, text: string): readonly (readonly string[])[] {
  const cuts = [[text], cut(random, text, MOST_PIECES)];
  if (text.length > EVERYWHERE_MOST_BYTES || !random.chance(1 / EVERYWHERE_ONE_IN)) return cuts;
  for (let at = 1; at < text.length; at++) cuts.push([text.slice(0, at), text.slice(at)]);
  cuts.push(text.split(""));
  return cuts;
}

function expectedOf({ text, hasEnded }: GeneratedAnswer, asker: Asker): Heard {
  const reading = readAnswer(text, hasEnded, asker.question);
  if (reading.kind === "refused") return { outcome: reading.reason, isKept: false };
  if (reading.kind === "unfinished")
    return { outcome: hasEnded ? "reset" : "timeout", isKept: false };
  const body = new TextDecoder().decode(Buffer.from(reading.body, "latin1"));
  const isMatched = asker.bodyMatches?.test(body) ?? true;
  return isMatched
    ? { outcome: "ok", isKept: reading.keepsAlive }
    : { outcome: "body", isKept: false };
}

function faultOf(heard: Heard, expected: Heard, alarms: number): string | undefined {
  if (heard.outcome !== expected.outcome) {
    return `the prober says ${heard.outcome}, and it is ${expected.outcome}`;
  }
  if (heard.isKept !== expected.isKept) {
    return `after ${heard.outcome} the connection is ${heard.isKept ? "kept" : "closed"}`;
  }
  return alarms === 0 ? undefined : `${alarms} alarms are set though nothing is asked`;
}

function show({ text, hasEnded }: GeneratedAnswer, pieces: readonly string[]): string {
  const shown = text.length > 600 ? `${text.slice(0, 600)}... (${text.length} bytes)` : text;
  const lengths = pieces.slice(0, 20).map(({ length }) => length);
  return `${hasEnded ? "ended" : "open"}, in pieces of ${lengths.join(" ")}: ${JSON.stringify(shown)}`;
}
