import { expect, test } from "bun:test";
import { readPromql } from "./promql.ts";

test.each<[string, readonly string[], readonly string[]]>([
  ["up", ["up"], []],
  [`up{job="phi"} == 0`, ["up"], ["job"]],
  ["rate(a_total[5m] offset 1h) > bool 3", ["a_total"], []],
  ["sum by (job, le) (rate(a_bucket[$__rate_interval]))", ["a_bucket"], ["job", "le"]],
  ["max(a) by (job) * on (job) group_left (url) b", ["a", "b"], ["job", "url"]],
  ["a < on (job) group_left () b", ["a", "b"], ["job"]],
  [`a{b=~"x|y", c!="d)"} unless ignoring (e) f:g:h`, ["a", "f:g:h"], ["b", "c", "e"]],
  [`label_replace(a, "to", "$1", "from", "(.*)") # b`, ["a"], []],
  [`topk(5, a{target=~"$target"}) / 2.5e3 - time() < 14 * 86400`, ["a"], ["target"]],
  ["sum by (job) (a) and on (job) absent(b)", ["a", "b"], ["job"]],
  ["label_values(phi_targets, job)", ["phi_targets"], ["job"]],
  [`label_values(phi_targets{job="x"}, instance)`, ["phi_targets"], ["instance", "job"]],
])("readPromql() of %p", (expression, series, labels) => {
  const asked = readPromql(expression);
  expect([...asked.series]).toEqual([...series]);
  expect([...asked.labels].toSorted()).toEqual([...labels]);
});

test("readPromql() refuses what is not PromQL", () => {
  expect(() => readPromql("a ? b : c")).toThrow('Not PromQL from "? b : c" on: a ? b : c');
  expect(() => readPromql("sum by (job a")).toThrow("A bracket is not closed: sum by ( job a");
});
