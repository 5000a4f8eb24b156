import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { COMBINED_VERDICTS } from "../../verdict/mod.ts";
import { type Place, readPlace, VIEWS, writePlace } from "./place.ts";

const anyPlace = fc.record({
  filter: fc.record({
    verdicts: fc.uniqueArray(fc.constantFrom(...COMBINED_VERDICTS)).map((each) => new Set(each)),
    search: fc.string(),
  }),
  target: fc.option(fc.string()),
  view: fc.constantFrom(...VIEWS),
});

test("readPlace() gives back whatever writePlace() wrote", () => {
  fc.assert(fc.property(anyPlace, (place) => expect(readPlace(writePlace(place))).toEqual(place)));
});

test("readPlace() makes do with anything", () => {
  const start: Place = { filter: { verdicts: new Set(), search: "" }, target: null, view: "list" };
  expect(readPlace("")).toEqual(start);
  expect(writePlace(start)).toBe("");
  expect(readPlace("#view=nowhere&verdict=worse,down&%%%")).toEqual({
    ...start,
    filter: { verdicts: new Set(["down"]), search: "" },
  });
});
