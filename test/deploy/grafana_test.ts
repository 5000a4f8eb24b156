/**
 * The dashboard that operators are given: what it asks for exists and is PromQL, it is laid out as one can read
 * it, and it is what Grafana's own types say a dashboard is. No Grafana runs here.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dashboard, Panel, RowPanel } from "@grafana/schema";
import { stringify } from "yaml";
import { needs } from "../kit/needs.ts";
import { typeErrors } from "../kit/type_errors.ts";
import { knownSeries, unknownIn } from "./_known_series.ts";

const DASHBOARD = new URL("../../deploy/grafana/phi.json", import.meta.url);
const LONG_MS = 60_000;

interface Query {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: { readonly uid: string };
}

let text = "";
let dashboard: Dashboard;
let panels: readonly Panel[] = [];

beforeAll(async () => {
  text = await Bun.file(DASHBOARD).text();
  dashboard = JSON.parse(text) as Dashboard;
  panels = dashboard.panels!.filter(isPanel);
});

function isPanel(one: Panel | RowPanel): one is Panel {
  return one.type !== "row";
}

const queriesOf = ({ targets }: Panel) => targets as unknown as readonly Query[];

/** What panels and annotations ask for. */
function expressions(): readonly string[] {
  const annotations = dashboard.annotations!.list!.flatMap(({ target }) =>
    target === undefined ? [] : [(target as unknown as Query).expr],
  );
  return [...panels.flatMap((panel) => queriesOf(panel).map(({ expr }) => expr)), ...annotations];
}

const variables = () => dashboard.templating!.list!;

describe("what it asks for", () => {
  test("exists, and has these labels", async () => {
    const known = await knownSeries();
    const asked = variables().flatMap((variable) =>
      variable.type === "query" ? [(variable.query as { readonly query: string }).query] : [],
    );
    expect(asked.length).toBe(3);
    expect(expressions().length).toBeGreaterThan(40);
    // An alert has the labels of what it is about.
    const ofAlerts = ["target", "observer", "peer"];
    const strange = [...expressions(), ...asked].flatMap((expr) =>
      unknownIn(expr, known, expr.includes("ALERTS") ? ofAlerts : []),
    );
    expect(strange).toEqual([]);
  });

  test.skipIf(!needs("promtool"))(
    "is PromQL",
    async () => {
      const rules = expressions().map((expr, index) => ({
        record: `asked_${index}`,
        expr: expr.replaceAll("$__rate_interval", "1m"),
      }));
      const folder = await mkdtemp(join(tmpdir(), "phi-grafana-"));
      const file = join(folder, "rules.yml");
      await writeFile(file, stringify({ groups: [{ name: "asked", rules }] }));
      const { exitCode, stderr } = Bun.spawnSync(["promtool", "check", "rules", file]);
      await rm(folder, { recursive: true });
      expect(stderr.toString()).toBe("");
      expect(exitCode).toBe(0);
    },
    LONG_MS,
  );

  test("it asks the Prometheus that was chosen, and only for variables that there are", () => {
    const given = new Set([...variables().map(({ name }) => name), "__rate_interval"]);
    for (const expr of expressions()) {
      const named = [...expr.matchAll(/\$(?<name>\w+)/gu)].map(({ groups }) => groups!["name"]!);
      expect(named.filter((name) => !given.has(name))).toEqual([]);
    }
    for (const query of panels.flatMap(queriesOf)) {
      expect(query.datasource.uid).toBe("${datasource}");
    }
    expect(variables().map(({ name }) => name)).toEqual([
      "datasource",
      "job",
      "namespace",
      "target",
    ]);
  });
});

describe("how it is laid out", () => {
  test("every panel and query has a name of its own, and each panel says what it shows", () => {
    const ids = dashboard.panels!.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const panel of panels) {
      const refs = queriesOf(panel).map(({ refId }) => refId);
      expect(refs.length).toBeGreaterThan(0);
      expect(new Set(refs).size).toBe(refs.length);
      expect(panel.title).toMatch(/\S/u);
      expect(panel.description).toBeDefined();
    }
  });

  test("nothing lies on anything else, or beside the page", () => {
    const taken = new Map<string, string | undefined>();
    for (const { gridPos, title } of dashboard.panels!) {
      const { x, y, w, h } = gridPos!;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          const place = `${column},${line}`;
          expect([title, taken.get(place)]).toEqual([title, undefined]);
          taken.set(place, title);
        }
      }
    }
  });
});

/** Of each kind of panel, where Grafana publishes what it takes. */
const PANEL_TYPES: Readonly<Record<string, string>> = {
  stat: "stat/panelcfg/x/StatPanelCfg_types.gen",
  "state-timeline": "statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen",
  table: "table/panelcfg/x/TablePanelCfg_types.gen",
  timeseries: "timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen",
};

/** The types' enums are texts and numbers in JSON. */
const PREAMBLE = `
import type { AnnotationQuery, Dashboard, Panel } from "@grafana/schema";
type Plain<T> = T extends string ? \`\${T}\` : T extends number | boolean | null | undefined ? T
  : T extends readonly (infer Item)[] ? Plain<Item>[] : { [Key in keyof T]: Plain<T[Key]> };
interface Query { refId: string; datasource: { type: string; uid: string }; editorMode: "code"; expr: string;
  legendFormat: string; range: boolean; instant: boolean; format?: "table" }
type Of<Options, Field> = Omit<Plain<Panel>, "options" | "fieldConfig" | "targets"> & { targets: Query[];
  options: Plain<Options>; fieldConfig: Omit<Plain<Required<Panel>["fieldConfig"]>, "defaults"> &
  { defaults: Omit<Plain<Required<Panel>["fieldConfig"]["defaults"]>, "custom"> & { custom?: Partial<Plain<Field>> } } };
type OfPrometheus = { target: { refId: string; expr: string; interval: string }; titleFormat: string; tagKeys: string; textFormat: string };
type Variables = { refresh: 1 | 2; sort?: 1; label: string; definition?: string; query: string | { qryType: 1; query: string; refId: string } };
`;

/** TypeScript that has no error if the dashboard is one. */
function asTypeScript({ panels: all = [], annotations, templating, ...rest }: Dashboard): string {
  const lines = [PREAMBLE];
  const known = Object.entries(PANEL_TYPES);
  for (const [index, [, module]] of known.entries()) {
    const from = `@grafana/schema/dist/esm/raw/composable/${module}`;
    // What a stat shows has no settings of its own.
    const field = module.startsWith("stat/") ? "" : `, FieldConfig as Field${index}`;
    lines.push(`import type { Options as Options${index}${field} } from "${from}";`);
    if (field === "") lines.push(`type Field${index} = {};`);
  }
  const add = (type: string, value: unknown) =>
    lines.push(`export const v${lines.length}: ${type} = ${JSON.stringify(value)};`);
  add(`Plain<Omit<Dashboard, "panels" | "annotations" | "templating">>`, rest);
  for (const annotation of annotations!.list!) {
    const own = annotation.target === undefined ? "{}" : "OfPrometheus";
    add(`Omit<Plain<AnnotationQuery>, "target"> & ${own}`, annotation);
  }
  for (const variable of templating!.list!) {
    add(
      `Omit<Plain<import("@grafana/schema").VariableModel>, keyof Variables> & Variables`,
      variable,
    );
  }
  for (const panel of all) {
    const index = known.findIndex(([type]) => type === panel.type);
    add(
      index === -1
        ? `Plain<import("@grafana/schema").RowPanel>`
        : `Of<Options${index}, Field${index}>`,
      panel,
    );
  }
  return lines.join("\n");
}

describe("as Grafana's types have it", () => {
  test(
    "it is a dashboard",
    async () => {
      expect(dashboard.schemaVersion).toBe(42);
      expect(await typeErrors(asTypeScript(dashboard))).toEqual([]);
    },
    LONG_MS,
  );

  test(
    "and is found not to be one with a setting that there is not, or a value that is none",
    async () => {
      const broken = JSON.parse(
        text
          .replace('"drawStyle": "line"', '"drawStyle": "lines"')
          .replace('"mergeValues"', '"merge"'),
      ) as Dashboard;
      const errors = await typeErrors(asTypeScript(broken));
      expect(errors.some((line) => line.includes(`'"lines"' is not assignable`))).toBe(true);
      expect(errors.some((line) => line.includes(`'"merge"' does not exist`))).toBe(true);
    },
    LONG_MS,
  );
});
