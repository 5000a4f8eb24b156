import { describe, expect, test } from "bun:test";
import { parseHistory } from "./history_file.ts";

const log = (...lines: string[]) => lines.map((line) => `INFO  jepsen.util - ${line}`).join("\n");

/** What of each operation the format decides. */
function operations(text: string): unknown[] {
  const history = parseHistory(text);
  if (!history.ok) throw new Error(`line ${history.line}: ${history.problem}`);
  return history.operations.map(({ process, input, output, invokedAt, returnedAt }) => [
    process,
    input,
    output,
    invokedAt,
    returnedAt,
  ]);
}

const read = { kind: "read" };
const write = (value: number) => ({ kind: "write", value });
const compareAndSet = (expected: number, replacement: number) => ({
  kind: "compareAndSet",
  expected,
  replacement,
});

describe("parseHistory() of a register's log", () => {
  test("pairs the call of a process with its next end", () => {
    const text = log(
      "0\t:invoke\t:read\tnil",
      "1\t:invoke\t:write\t-4",
      "0\t:ok\t:read\tnil",
      "1\t:ok\t:write\t-4",
      "0\t:invoke\t:cas\t[-4 0]",
      "0\t:ok\t:cas\t[-4 0]",
    );
    expect(operations(text)).toEqual([
      ["0", read, { value: null }, 1, 3],
      ["1", write(-4), { isApplied: true }, 2, 4],
      ["0", compareAndSet(-4, 0), { isApplied: true }, 5, 6],
    ]);
  });

  test("a compare-and-set that failed was refused", () => {
    expect(operations(log("0 :invoke :cas [1 2]", "0 :fail :cas [1 2]"))).toEqual([
      ["0", compareAndSet(1, 2), { isApplied: false }, 1, 2],
    ]);
  });

  test("whatever else failed did not happen", () => {
    const text = log(
      "0 :invoke :write 1",
      "0 :fail :write 1",
      "0 :invoke :read nil",
      "0 :fail :read :timed-out",
      "0 :invoke :cas [1 2]",
      "0 :fail :cas :not-leader",
      "0 :invoke :cas [1 2]",
      '0 :fail :cas [1 2] "connection refused"',
    );
    expect(operations(text)).toEqual([]);
  });

  test("an end that says :info, none at all, and the next call leave the outcome unknown", () => {
    const text = log(
      "0 :invoke :write 1",
      "0 :info :write :timed-out",
      "0 :invoke :write 2",
      "0 :invoke :write 3",
      "0 :ok :write 3",
      "1 :invoke :cas [1 2]",
      "1 :info :cas [1 2] :timed-out",
      "2 :invoke :read nil",
    );
    expect(operations(text)).toEqual([
      ["0", write(1), undefined, 1, Infinity],
      ["0", write(2), undefined, 3, Infinity],
      ["0", write(3), { isApplied: true }, 4, 5],
      ["1", compareAndSet(1, 2), undefined, 6, Infinity],
      ["2", read, undefined, 8, Infinity],
    ]);
  });

  test("what Jepsen's own processes did is no operation", () => {
    const text = log(
      ":nemesis :info :start nil",
      "0 :invoke :read nil",
      ':nemesis :info :start "Cut off [:n1 :n2]"',
      "0 :ok :read 3",
    );
    expect(operations(text)).toEqual([["0", read, { value: 3 }, 2, 4]]);
  });

  test("lines end in LF or CRLF, blank ones and a byte-order mark are nothing", () => {
    const text = `\uFEFF\r\n${log("0 :invoke :read nil", "", "0 :ok :read 1 ").replaceAll("\n", "\r\n")}\r\n\r\n`;
    expect(operations(text.replace(/INFO {2}jepsen\.util - \r/u, "\r"))).toEqual([
      ["0", read, { value: 1 }, 2, 4],
    ]);
  });

  test("no line is no operation", () => {
    expect(operations("")).toEqual([]);
    expect(operations(" \r\n\n")).toEqual([]);
  });
});

describe("parseHistory() of a key-value store's events", () => {
  test("pairs the call of a process with its next end", () => {
    const text = `
      {:process 0, :type :invoke, :f :append, :key "a b", :value "x 0 0 y"}
      {:process 1, :type :invoke, :f :get, :key "7", :value nil}
      {:process 1, :type :ok, :f :get, :key "7", :value ""}
      {:process 0, :type :ok, :f :append, :key "a b", :value "x 0 0 y"}
      {:process 1, :type :invoke, :f :put, :key "7", :value "\\"}"}
      {:process 1, :type :info, :f :put, :key "7", :value :timed-out}`;
    expect(operations(text)).toEqual([
      ["0", { kind: "append", key: "a b", value: "x 0 0 y" }, { isApplied: true }, 2, 5],
      ["1", { kind: "get", key: "7" }, { value: "" }, 3, 4],
      ["1", { kind: "put", key: "7", value: '"}' }, undefined, 6, Infinity],
    ]);
  });

  test("fields stand in any order, with others, and an end need not repeat them", () => {
    const text = `
      {:value nil, :key 7, :f :get, :type :invoke, :process 3, :time 17, :index 0}
      {:process 3 :type :ok :f :get :value nil :error [:none {:at "n1"}]}
      {:process :nemesis, :type :info, :f :kill, :value ["n1"]}
      {:process 3, :type :invoke, :f :put, :key 7, :value "x"}
      {:process 3, :type :fail, :f :put, :key 7, :value "x"}`;
    expect(operations(text)).toEqual([["3", { kind: "get", key: "7" }, { value: "" }, 2, 3]]);
  });
});

function problem(text: string): string {
  const history = parseHistory(text);
  return history.ok ? "nothing" : `${history.line}: ${history.problem}`;
}

describe("parseHistory() of what is wrong", () => {
  const call = '{:process 0, :type :invoke, :f :put, :key "a", :value "x"}';
  const end = (fields: string) => `${call}\n{:process 0, :type :ok, ${fields}}`;

  test.each([
    [
      "\nhello",
      "2: expected INFO  jepsen.util - PROCESS :invoke|:ok|:fail|:info :read|:write|:cas VALUE, or " +
        '{:process PROCESS, :type :invoke|:ok|:fail|:info, :f :get|:put|:append, :key "KEY", :value "VALUE"}, found: hello',
    ],
    [
      log("0 :invoke :read nil", "0 :maybe :read 1"),
      "2: expected INFO  jepsen.util - PROCESS :invoke|:ok|:fail|:info :read|:write|:cas VALUE, found: " +
        "INFO  jepsen.util - 0 :maybe :read 1",
    ],
    [
      log("0 :ok :read 1"),
      "1: expected process 0 to call before it ends a call, found: INFO  jepsen.util - 0 :ok :read 1",
    ],
    [
      log("0 :invoke :read nil", "0 :ok :write 1"),
      "2: expected the end of :read, called in line 1, found: INFO  jepsen.util - 0 :ok :write 1",
    ],
    [
      log("0 :invoke :write 1", "0 :ok :write 2"),
      "2: expected the value of the call again, found: INFO  jepsen.util - 0 :ok :write 2",
    ],
    [
      log("0 :invoke :cas 1"),
      "1: expected [EXPECTED REPLACEMENT], each a whole number or nil, found: INFO  jepsen.util - 0 :invoke :cas 1",
    ],
    [
      log("0 :invoke :write :x"),
      "1: expected a whole number or nil to write, found: INFO  jepsen.util - 0 :invoke :write :x",
    ],
    [
      log("0 :invoke :swap 1"),
      "1: expected :read, :write or :cas, found: INFO  jepsen.util - 0 :invoke :swap 1",
    ],
    [
      log("0 :invoke :read nil", "0 :ok :read [1 2]"),
      "2: expected a whole number or nil as found, found: INFO  jepsen.util - 0 :ok :read [1 2]",
    ],
    [
      `${call}\n${call.slice(0, -1)}`,
      '2: expected {:process PROCESS, :type :invoke|:ok|:fail|:info, :f :get|:put|:append, :key "KEY", ' +
        ':value "VALUE"}, found: {:process 0, :type :invoke, :f :put, :key "a", :value "x"',
    ],
    [
      end(':f :put, :key "b", :value "x"'),
      '2: expected the end of :put of key "a", called in line 1, found: {:process 0, :type :ok, :f :put, :key "b", :value "x"}',
    ],
    [
      end(':f :put, :key "a", :value "y"'),
      '2: expected the :value of the call again, found: {:process 0, :type :ok, :f :put, :key "a", :value "y"}',
    ],
    [
      "{:process 0, :type :invoke, :f :get}",
      "1: expected a :key, found: {:process 0, :type :invoke, :f :get}",
    ],
    [
      "{:process 0, :type :invoke, :f :put, :key 1}",
      "1: expected a text to put as :value, found: {:process 0, :type :invoke, :f :put, :key 1}",
    ],
    [
      "{:process 0, :type :invoke, :f :swap, :key 1}",
      "1: expected :get, :put or :append, found: {:process 0, :type :invoke, :f :swap, :key 1}",
    ],
  ])("%j", (text, expected) => {
    expect(problem(text)).toBe(expected);
  });

  test("of a long line only the beginning is shown", () => {
    const text = `${call}\n{${"x".repeat(1_000)}`;
    expect(problem(text)).toEndWith(`found: {${"x".repeat(99)}...`);
  });
});
