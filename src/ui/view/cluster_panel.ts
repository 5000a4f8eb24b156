/** Who agrees on what to watch: the leader, the members and how far each one is, and what is the matter. */
import type { ClusterMember, ClusterStatus } from "../../cluster/mod.ts";
import type { ReadinessAnswer } from "../live/answers.ts";
import { countOf, formatWholeSpan } from "../words.ts";
import { element, replaceChildren, setHidden } from "./dom.ts";

/** Some are always under way where much is written. */
const MAX_USUAL_LAG = 100;

export class ClusterPanel {
  readonly element: HTMLElement;
  readonly #body = element("div");
  #shown: ClusterStatus | null | undefined;
  #paused = -1;

  constructor() {
    this.element = element(
      "section",
      { class: "panel", id: "cluster", "aria-labelledby": "cluster-heading" },
      element("h2", { id: "cluster-heading" }, "Cluster"),
      this.#body,
    );
  }

  update(cluster: ClusterStatus | null, readiness: ReadinessAnswer | null): void {
    const paused = readiness?.pausedSeconds ?? 0;
    setHidden(this.element, cluster === null && paused < 1);
    if (cluster === this.#shown && paused === this.#paused) return;
    this.#shown = cluster;
    this.#paused = paused;
    replaceChildren(
      this.#body,
      ...(cluster === null ? [] : describeCluster(cluster)),
      paused < 1
        ? null
        : element(
            "p",
            { class: "dim" },
            `This monitor itself did not run for ${formatWholeSpan(paused * 1_000)} in all; that is not counted as silence.`,
          ),
    );
  }
}

function describeCluster(cluster: ClusterStatus): HTMLElement[] {
  const { leader, term, quorum, halted, members, id } = cluster;
  const state = halted !== null ? "this monitor is halted" : quorum ? "quorum" : "no quorum";
  const knowsLag = members.some(({ lagEntries }) => lagEntries !== undefined);
  const heads = ["Member", "Role", ...(knowsLag ? ["Behind"] : [])];
  return [
    element(
      "p",
      { class: quorum && halted === null ? "" : "bad" },
      `${countOf(members.length, "member")}, `,
      leader === null ? "no leader" : "led by ",
      leader === null ? null : element("b", {}, leader),
      ` in term ${term}, ${state}.`,
    ),
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text))),
      ),
      element("tbody", {}, ...members.map((member) => makeRow(member, id, knowsLag))),
    ),
    ...(knowsLag || leader === null
      ? []
      : [element("p", { class: "dim" }, "How far each one is, the leader knows.")]),
  ];
}

function makeRow(member: ClusterMember, self: string, knowsLag: boolean): HTMLElement {
  const { id, role, isLeader, isActive, lagEntries = 0, address } = member;
  const lag =
    isActive === false
      ? "not heard"
      : lagEntries === 0
        ? "no"
        : countOf(lagEntries, "entry", "entries");
  const isBad = isActive === false || lagEntries > MAX_USUAL_LAG;
  return element(
    "tr",
    {},
    element(
      "th",
      { scope: "row", title: address },
      id,
      id === self ? element("span", { class: "tag" }, "this one") : null,
    ),
    element("td", {}, isLeader ? "leader" : role),
    knowsLag ? element("td", { class: isBad ? "bad" : "" }, lag) : null,
  );
}
