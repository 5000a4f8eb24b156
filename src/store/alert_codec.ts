/**
 * The alert record's commands, answers and contents in bytes, as the config's: a format version, then JSON.
 * They are of format version 2, which versions of phi that know of no alerts pass over; and they name the part
 * of the state that they are for, so that a later part needs no later format.
 */
import type {
  AlertAnswer,
  AlertCommand,
  AlertContents,
  Closing,
  Incident,
  Matcher,
  NewIncident,
  Notice,
  Silence,
  Telling,
} from "./alert_record.ts";
import {
  fieldsOf,
  flagOf,
  later,
  listOf,
  malformed,
  numberOf,
  readWire,
  textByNameOf,
  textOf,
  wholeNumberOf,
  writeWire,
  type WireResult,
} from "./_wire_value.ts";

/** The format that alerts are written in, and the latest that is read. */
export const ALERT_FORMAT_VERSION = 2;

const PART = "alerts";

export function encodeAlertCommand(command: AlertCommand): Uint8Array {
  return writeWire(ALERT_FORMAT_VERSION, { part: PART, ...command });
}

/** The fields of each kind of command, beside its part and its kind. */
const COMMAND_FIELDS: Readonly<Record<AlertCommand["kind"], readonly string[]>> = {
  open: ["wallMs", "incidents"],
  close: ["incidents"],
  notify: ["wallMs", "notices"],
  settle: ["outcomes"],
  forget: ["numbers"],
  silence: ["silence"],
  unsilence: ["id"],
};
const ALL_COMMAND_FIELDS = new Set(["part", "kind", ...Object.values(COMMAND_FIELDS).flat()]);

export function decodeAlertCommand(bytes: Uint8Array): WireResult<AlertCommand> {
  return readWire(bytes, ALERT_FORMAT_VERSION, (value) => {
    const fields = fieldsOf(value, ALL_COMMAND_FIELDS, "a command");
    const part = textOf(fields["part"], "a command's part");
    if (part !== PART) later(`the part "${part}" is not known`);
    const kind = textOf(fields["kind"], "a command's kind");
    if (!isKind(kind)) return later(`the command "${kind}" is not known`);
    const known = new Set(["part", "kind", ...COMMAND_FIELDS[kind]]);
    fieldsOf(value, known, `the command "${kind}"`);
    return readCommand(kind, fields);
  });
}

function isKind(kind: string): kind is AlertCommand["kind"] {
  return Object.hasOwn(COMMAND_FIELDS, kind);
}

function readCommand(
  kind: AlertCommand["kind"],
  fields: Readonly<Record<string, unknown>>,
): AlertCommand {
  switch (kind) {
    case "open":
      return {
        kind,
        wallMs: numberOf(fields["wallMs"], "a time"),
        incidents: listOf(fields["incidents"], "incidents").map(readNewIncident),
      };
    case "close":
      return { kind, incidents: listOf(fields["incidents"], "incidents").map(readClose) };
    case "notify":
      return {
        kind,
        wallMs: numberOf(fields["wallMs"], "a time"),
        notices: listOf(fields["notices"], "notices").map(readNewNotice),
      };
    case "settle":
      return { kind, outcomes: listOf(fields["outcomes"], "outcomes").map(readOutcome) };
    case "forget":
      return { kind, numbers: readNumbers(fields["numbers"]) };
    case "silence":
      return { kind, silence: readSilence(fields["silence"]) };
    case "unsilence":
      return { kind, id: textOf(fields["id"], "an id") };
  }
}

const NEW_INCIDENT_FIELDS = new Set(["target", "verdict", "labels", "reason", "sinceWallMs"]);

function readNewIncident(value: unknown): NewIncident {
  const fields = fieldsOf(value, NEW_INCIDENT_FIELDS, "an incident");
  return {
    target: textOf(fields["target"], "a target"),
    verdict: textOf(fields["verdict"], "a verdict"),
    labels: textByNameOf(fields["labels"], "labels"),
    reason: textOf(fields["reason"], "a reason"),
    sinceWallMs: numberOf(fields["sinceWallMs"], "a time"),
  };
}

const CLOSING_FIELDS = ["wallMs", "reason", "isSilenced"];
const CLOSE_FIELDS = new Set(["number", ...CLOSING_FIELDS]);

function readClose(value: unknown): { readonly number: number } & Closing {
  const fields = fieldsOf(value, CLOSE_FIELDS, "the end of an incident");
  return { number: readNumber(fields["number"]), ...closingOf(fields) };
}

function closingOf(fields: Readonly<Record<string, unknown>>): Closing {
  return {
    wallMs: numberOf(fields["wallMs"], "a time"),
    reason: textOf(fields["reason"], "a reason"),
    isSilenced: flagOf(fields["isSilenced"], "isSilenced"),
  };
}

const NEW_NOTICE_FIELDS = ["receiver", "group", "firing", "resolved"];

function readNewNotice(value: unknown) {
  return noticeFieldsOf(fieldsOf(value, new Set(NEW_NOTICE_FIELDS), "a notice"));
}

function noticeFieldsOf(fields: Readonly<Record<string, unknown>>) {
  return {
    receiver: textOf(fields["receiver"], "a receiver"),
    group: textByNameOf(fields["group"], "a group"),
    firing: readNumbers(fields["firing"]),
    resolved: readNumbers(fields["resolved"]),
  };
}

const OUTCOME_FIELDS = new Set(["number", "isDelivered"]);

function readOutcome(value: unknown): { readonly number: number; readonly isDelivered: boolean } {
  const fields = fieldsOf(value, OUTCOME_FIELDS, "an outcome");
  return {
    number: readNumber(fields["number"]),
    isDelivered: flagOf(fields["isDelivered"], "isDelivered"),
  };
}

function readNumbers(value: unknown): readonly number[] {
  return listOf(value, "numbers").map(readNumber);
}

function readNumber(value: unknown): number {
  return wholeNumberOf(value, 1, "a number");
}

const SILENCE_FIELDS = new Set([
  "id",
  "matchers",
  "startsWallMs",
  "endsWallMs",
  "author",
  "comment",
  "createdWallMs",
]);

function readSilence(value: unknown): Silence {
  const fields = fieldsOf(value, SILENCE_FIELDS, "a silence");
  return {
    id: textOf(fields["id"], "an id"),
    matchers: listOf(fields["matchers"], "matchers").map(readMatcher),
    startsWallMs: numberOf(fields["startsWallMs"], "a time"),
    endsWallMs: numberOf(fields["endsWallMs"], "a time"),
    author: textOf(fields["author"], "an author"),
    comment: textOf(fields["comment"], "a comment"),
    createdWallMs: numberOf(fields["createdWallMs"], "a time"),
  };
}

const MATCHER_FIELDS = new Set(["name", "isEqual", "pattern"]);

function readMatcher(value: unknown): Matcher {
  const fields = fieldsOf(value, MATCHER_FIELDS, "a matcher");
  return {
    name: textOf(fields["name"], "a label's name"),
    isEqual: flagOf(fields["isEqual"], "isEqual"),
    pattern: textOf(fields["pattern"], "a pattern"),
  };
}

/** What a command is answered with, for the session table and for who proposed it. */
export function encodeAlertAnswer(answer: AlertAnswer): Uint8Array {
  return writeWire(ALERT_FORMAT_VERSION, answer);
}

const ANSWER_FIELDS = new Set(["ok", "count", "reason", "limit"]);

export function decodeAlertAnswer(bytes: Uint8Array): WireResult<AlertAnswer> {
  return readWire(bytes, ALERT_FORMAT_VERSION, (value) => {
    const { ok, count, reason, limit } = fieldsOf(value, ANSWER_FIELDS, "an answer");
    if (flagOf(ok, "ok")) return { ok: true, count: wholeNumberOf(count, 0, "a count") };
    switch (reason) {
      case "too_many_silences":
        return { ok: false, reason, limit: wholeNumberOf(limit, 1, "a limit") };
      case "silence_exists":
      case "unknown_silence":
        return { ok: false, reason };
      default:
        return later(`the answer "${textOf(reason, "a reason")}" is not known`);
    }
  });
}

/** All of a record. */
export function encodeAlertContents(contents: AlertContents): Uint8Array {
  const { nextNumber, droppedCount, incidents, notices, silences } = contents;
  return writeWire(ALERT_FORMAT_VERSION, {
    nextNumber,
    droppedCount,
    incidents: Array.from(incidents.values(), wireIncident),
    notices: [...notices.values()],
    silences: [...silences.values()],
  });
}

const CONTENTS_FIELDS = new Set(["nextNumber", "droppedCount", "incidents", "notices", "silences"]);

/** Reads what `encodeAlertContents` wrote, and checks the invariants of a record. */
export function decodeAlertContents(bytes: Uint8Array): WireResult<AlertContents> {
  return readWire(bytes, ALERT_FORMAT_VERSION, (value) => {
    const fields = fieldsOf(value, CONTENTS_FIELDS, "an alert record");
    const nextNumber = wholeNumberOf(fields["nextNumber"], 1, "the next number");
    const incidents = listOf(fields["incidents"], "the incidents").map(readIncident);
    const notices = listOf(fields["notices"], "the notices").map(readNotice);
    const silences = listOf(fields["silences"], "the silences").map(readSilence);
    checkNumbers(nextNumber, incidents, notices);
    return {
      nextNumber,
      droppedCount: wholeNumberOf(fields["droppedCount"], 0, "a count"),
      incidents: keyed(incidents, ({ number }) => number, "two incidents have the same number"),
      notices: keyed(notices, ({ receiver }) => receiver, "two notices have the same receiver"),
      silences: keyed(silences, ({ id }) => id, "two silences have the same id"),
    };
  });
}

function checkNumbers(
  nextNumber: number,
  incidents: readonly Incident[],
  notices: readonly Notice[],
): void {
  const isTooHigh = ({ number }: { readonly number: number }) => number >= nextNumber;
  if (incidents.some(isTooHigh) || notices.some(isTooHigh)) malformed("a number was never given");
  const numbers = incidents.map(({ number }) => number);
  if (numbers.some((number, place) => number <= (numbers[place - 1] ?? 0))) {
    malformed("the incidents are not in their order");
  }
  const open = incidents.filter(({ closing }) => closing === undefined);
  if (new Set(open.map(({ target, verdict }) => `${verdict} ${target}`)).size < open.length) {
    malformed("two open incidents are the same");
  }
}

function keyed<Key, Each>(
  list: readonly Each[],
  keyOf: (each: Each) => Key,
  whyNot: string,
): ReadonlyMap<Key, Each> {
  const map = new Map(list.map((each) => [keyOf(each), each]));
  return map.size < list.length ? malformed(whyNot) : map;
}

const INCIDENT_FIELDS = new Set([
  "number",
  ...NEW_INCIDENT_FIELDS,
  "openedWallMs",
  "closing",
  "told",
]);

function readIncident(value: unknown): Incident {
  const fields = fieldsOf(value, INCIDENT_FIELDS, "an incident");
  const { number, openedWallMs, closing, told, ...rest } = fields;
  return {
    number: readNumber(number),
    ...readNewIncident(rest),
    openedWallMs: numberOf(openedWallMs, "a time"),
    closing:
      closing === undefined
        ? undefined
        : closingOf(fieldsOf(closing, new Set(CLOSING_FIELDS), "an end")),
    told: readTold(told),
  };
}

/** Lists of receiver and telling, in the order of the telling. */
function wireIncident({ told, ...incident }: Incident): object {
  return { ...incident, told: [...told] };
}

function readTold(value: unknown): ReadonlyMap<string, Telling> {
  const told = listOf(value, "what was told").map((each) => {
    const [receiver, telling] = listOf(each, "a telling");
    return [textOf(receiver, "a receiver"), readTelling(textOf(telling, "a telling"))] as const;
  });
  return new Map(told);
}

function readTelling(text: string): Telling {
  if (text === "firing" || text === "resolved" || text === "dropped") return text;
  return later(`a receiver was told "${text}"`);
}

const NOTICE_FIELDS = new Set(["number", ...NEW_NOTICE_FIELDS, "atWallMs"]);

function readNotice(value: unknown): Notice {
  const fields = fieldsOf(value, NOTICE_FIELDS, "a notice");
  return {
    number: readNumber(fields["number"]),
    ...noticeFieldsOf(fields),
    atWallMs: numberOf(fields["atWallMs"], "a time"),
  };
}
