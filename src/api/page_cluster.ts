/** The page's part about the cluster: a line on who belongs to it, and a warning where something is wrong. */
import { troublesOf } from "./cluster_trouble.ts";
import type { ClusterMember, ClusterStatus } from "../cluster/mod.ts";
import { escapeHtml } from "./html.ts";

export function renderCluster(status: ClusterStatus): string {
  return renderTroubles(status) + renderMembers(status);
}

/** A sign and a word beside the colour, and a role that is read out. */
function renderTroubles(status: ClusterStatus): string {
  const sentences = troublesOf(status).map((sentence) => escapeHtml(sentence));
  if (sentences.length === 0) return "";
  return `<p class="warning" role="alert"><b><span aria-hidden="true">⚠</span> Warning:</b> ${sentences.join("<br>")}</p>
`;
}

function renderMembers(status: ClusterStatus): string {
  const { members, leader, id } = status;
  const names = members.map((member) => renderMember(member, id)).join(", ");
  const count = members.length === 1 ? "1 member" : `${members.length} members`;
  const led = leader === null ? "no leader" : `led by <b>${escapeHtml(leader)}</b>`;
  return `<p><a href="/cluster">Cluster</a>: ${count} <span class="dim">(${names})</span> · ${led} · ${renderState(status)}</p>
`;
}

function renderState({ halted, standing, quorum }: ClusterStatus): string {
  if (halted !== null) return "<b>halted here</b>";
  if (standing === "removed") return "<b>this monitor was removed</b>";
  return quorum ? "quorum" : "<b>no quorum</b>";
}

/** What is to be said of a member beside its name. */
function renderMember(member: ClusterMember, own: string): string {
  const { id, role, isConnected, isActive, lagEntries } = member;
  const notes = [
    ...(id === own ? ["this"] : []),
    ...(role === "learner" ? ["learner"] : []),
    ...(isActive === false ? ["not heard"] : isConnected ? [] : ["not connected"]),
    ...(isActive === true && (lagEntries ?? 0) > MAX_USUAL_LAG ? [`${lagEntries} behind`] : []),
  ];
  return escapeHtml(notes.length === 0 ? id : `${id}: ${notes.join(", ")}`);
}

/** Some are always under way where much is written. */
const MAX_USUAL_LAG = 100;
