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
  const { leader, term, quorum, halted, standing, members, id } = cluster;
  const knowsLag = members.some(({ lagEntries }) => lagEntries !== undefined);
  return [
    element(
      "p",
      { class: quorum && halted === null && standing !== "removed" ? "" : "bad" },
      `${countOf(members.length, "member")}, `,
      leader === null ? "no leader" : "led by ",
      leader === null ? null : element("b", {}, leader),
      ` in term ${term}, ${stateOf(cluster)}.`,
    ),
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element("tr", {}, ...HEADS.map((text) => element("th", { scope: "col" }, text))),
      ),
      element("tbody", {}, ...members.map((member) => makeRow(member, id))),
    ),
    ...(knowsLag || leader === null
      ? []
      : [element("p", { class: "dim" }, "How far each one is, the leader knows.")]),
  ];
}

const HEADS = ["Member", "Role", "Reached"];

function stateOf({ halted, standing, quorum }: ClusterStatus): string {
  if (halted !== null) return "this monitor is halted";
  if (standing === "removed") return "this monitor was removed";
  return quorum ? "quorum" : "no quorum";
}

function makeRow(member: ClusterMember, self: string): HTMLElement {
  const { id, role, isLeader, address } = member;
  const { text, isBad } = reach(member);
  return element(
    "tr",
    {},
    element(
      "th",
      { scope: "row", title: address },
      id,
      id === self ? element("span", { class: "tag" }, " this one") : null,
    ),
    element("td", {}, isLeader ? "leader" : role),
    element("td", { class: isBad ? "bad" : "" }, text),
  );
}

/** The leader knows whom it hears and how far each one is, the others to whom they have a connection. */
function reach({ isActive, isConnected, lagEntries = 0 }: ClusterMember) {
  if (isActive === false) return { text: "not heard", isBad: true };
  if (!isConnected) return { text: "not connected", isBad: true };
  const text = lagEntries === 0 ? "yes" : `yes, ${countOf(lagEntries, "entry", "entries")} behind`;
  return { text, isBad: lagEntries > MAX_USUAL_LAG };
}
