/**
 * What one target was over the last day, up to now: pages of `GET /targets/NAME/history` in, one history out. A monitor
 * tells the earliest first and only so much at a time, and of a target that changes all the time the last page is the
 * one that matters. Pages that are full are kept: nothing is added to them any more.
 */
import type { HistoryAnswer } from "./answers.ts";
import type { Answer } from "./asker.ts";
import { momentOf } from "./moment.ts";

const DAY_MS = 86_400_000;
/** Changes and samples of one a minute: a day of most targets. */
const PAGE_LIMIT = 2_000;

interface FullPage extends HistoryAnswer {
  readonly next: string;
}

export class TargetHistory {
  /** The earliest first; each begins where the one before it ends. */
  #full: readonly FullPage[] = [];

  /** `ask` gets the query. Where it has no page, what it has is the answer. */
  async read(
    ask: (query: string) => Promise<Answer<HistoryAnswer> | undefined>,
  ): Promise<Answer<HistoryAnswer> | undefined> {
    for (;;) {
      const from = this.#full.at(-1)?.next;
      const start = from === undefined ? "" : `from=${encodeURIComponent(from)}&`;
      const answer = await ask(`${start}limit=${PAGE_LIMIT}`);
      // A monitor whose clock was set back refuses a start that is yet to come.
      if (answer?.kind === "refused") this.#full = [];
      if (answer?.kind !== "ok") return answer;
      const page = answer.body;
      const { next = null } = page;
      if (next === null) return { kind: "ok", body: join([...this.#full, page]) };
      this.#keep({ ...page, next });
    }
  }

  #keep(page: FullPage): void {
    const dayBeforeMs = momentOf(page.next) - DAY_MS;
    const young = this.#full.filter(({ next }) => momentOf(next) > dayBeforeMs);
    this.#full = [...young, page];
  }
}

function join(pages: readonly HistoryAnswer[]): HistoryAnswer {
  return {
    changes: pages.flatMap(({ changes }) => changes),
    phi: pages.flatMap(({ phi }) => phi),
  };
}
