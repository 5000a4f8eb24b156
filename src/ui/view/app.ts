/**
 * The page: puts the parts together, and tells each what there is. Whatever changes, everything is looked at once,
 * a few times a second at most; each part touches the document only where it is news.
 */
import type { BoardFilter } from "../live/board.ts";
import { LiveFeed } from "../live/feed.ts";
import type { LiveWorld } from "../live/world.ts";
import { BADNESS, countOf } from "../words.ts";
import { Announcer } from "./announcer.ts";
import { ClusterPanel } from "./cluster_panel.ts";
import { append, element, setAttribute, setHidden, setText } from "./dom.ts";
import { EventsPanel } from "./events_panel.ts";
import { Explanation } from "./explanation.ts";
import { FilterBar } from "./filter_bar.ts";
import { Header } from "./header.ts";
import { HeatMap } from "./heat_map.ts";
import { makeHelp } from "./help.ts";
import { handleKeys } from "./keys.ts";
import { ObserversPanel } from "./observers_panel.ts";
import { type Place, readPlace, type View, VIEWS, writePlace } from "./place.ts";
import { TargetDetail } from "./target_detail.ts";
import { TargetList } from "./target_list.ts";
import { Theme } from "./theme.ts";

/** Between two looks. A verdict is seen after this at the latest. Of thousands of targets something changes all the time. */
const RENDER_EVERY_MS = 200;
const RENDER_MANY_EVERY_MS = 500;
const MANY_TARGETS = 2_000;
/** Ages go on when nothing else does. */
const TICK_MS = 1_000;
/** A hidden page is heard from for a while, and then lets go of its connection: a browser has only six to one host. */
const HIDDEN_MS = 60_000;

const VIEW_WORDS: Readonly<Record<View, string>> = {
  list: "Targets",
  map: "Map",
  observers: "Observers",
  events: "Events",
};

export class App {
  readonly #world: LiveWorld;
  readonly #root: HTMLElement;
  readonly #feed: LiveFeed;
  readonly #theme: Theme;
  readonly #header: Header;
  readonly #bar: FilterBar;
  readonly #list: TargetList;
  readonly #map: HeatMap;
  readonly #detail: TargetDetail;
  readonly #explanation: Explanation;
  readonly #observers = new ObserversPanel();
  readonly #cluster = new ClusterPanel();
  readonly #events: EventsPanel;
  readonly #announcer: Announcer;
  readonly #help = makeHelp();
  readonly #shownCount = element("p", { class: "shown-count dim", role: "status" });
  readonly #tabs = new Map<View, HTMLButtonElement>();
  #place: Place;
  #isDue = false;
  /** Whether there was something to show. */
  #isShown = false;
  #isStopped = false;
  #wasLive = false;
  #cancelStop: () => void = () => {};

  constructor(root: HTMLElement, world: LiveWorld) {
    this.#root = root;
    this.#world = world;
    this.#place = readPlace(location.hash);
    this.#feed = new LiveFeed(world, () => this.#soon());
    this.#theme = new Theme(() => this.#soon());
    this.#header = new Header(() => this.#help.showModal());
    this.#bar = new FilterBar(this.#place.filter, (filter) => this.#go({ filter }));
    this.#list = new TargetList(this.#feed, this.#theme, {
      onOpen: (name) => this.open(name),
      onLook: () => this.#look(),
    });
    this.#map = new HeatMap(this.#feed, this.#theme, (name) => this.open(name));
    this.#explanation = new Explanation(this.#feed, world, () => this.#soon());
    this.#detail = new TargetDetail(this.#feed, this.#theme, this.#explanation, () => this.close());
    this.#events = new EventsPanel((name) => this.open(name));
    const region = element("div", { class: "unseen", "aria-live": "polite" });
    this.#announcer = new Announcer(region, world.timers);
    this.#assemble(region);
    handleKeys({
      search: () => this.#bar.input.focus(),
      leaveSearch: () => this.#focusTargets(),
      escape: () => this.#escape(),
      toggleMap: () => this.#go({ view: this.#place.view === "map" ? "list" : "map" }),
      help: () => this.#help.showModal(),
      move: () => this.#focusTargets(),
    });
  }

  start(): void {
    document.addEventListener("visibilitychange", () => this.#onVisibility());
    window.addEventListener("hashchange", () => this.#onHash());
    this.#feed.start();
    this.#tick();
  }

  open(name: string): void {
    this.#go({ target: name });
    if (isNarrow()) this.#detail.focus();
  }

  close(): void {
    const wasOpen = this.#place.target !== null;
    this.#go({ target: null });
    if (wasOpen) this.#focusTargets();
  }

  #assemble(region: HTMLElement): void {
    const tabs = element("div", { class: "tabs", role: "group", "aria-label": "What is shown" });
    for (const view of VIEWS) {
      const tab = element("button", { type: "button", class: `tab tab-${view}` }, VIEW_WORDS[view]);
      tab.addEventListener("click", () =>
        this.#go({ view, target: isNarrow() ? null : this.#place.target }),
      );
      this.#tabs.set(view, tab);
      tabs.appendChild(tab);
    }
    append(this.#root, [
      this.#header.element,
      this.#header.alarm,
      this.#header.troubles,
      element(
        "main",
        {},
        element(
          "section",
          { class: "watched", "aria-label": "Targets" },
          element("div", { class: "bar" }, this.#bar.chips, this.#bar.search, tabs),
          this.#shownCount,
          this.#list.element,
          this.#map.element,
        ),
        element(
          "aside",
          { "aria-label": "More" },
          this.#detail.element,
          element(
            "div",
            { class: "panels" },
            this.#observers.element,
            this.#cluster.element,
            this.#events.element,
          ),
        ),
      ),
      this.#help,
      region,
    ]);
  }

  /** Everything else follows from where the page is. */
  #go(change: Partial<Place>): void {
    this.#place = { ...this.#place, ...change };
    const hash = writePlace(this.#place);
    if (hash !== location.hash) {
      history.replaceState(null, "", hash === "" ? location.pathname : hash);
    }
    this.#render();
  }

  /** Somebody edited the address. */
  #onHash(): void {
    const place = readPlace(location.hash);
    if (writePlace(place) === writePlace(this.#place)) return;
    this.#place = place;
    this.#bar.set(place.filter);
  }

  /** One step back: the target, then what narrows the list. */
  #escape(): void {
    if (this.#place.target !== null) this.close();
    else if (this.#bar.isActive) this.#bar.clear();
  }

  #focusTargets(): void {
    if (this.#place.view === "map") this.#map.focus();
    else this.#list.focus();
  }

  #soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    // The first time nobody is made to wait.
    const isFirst = this.#feed.isFilled && !this.#isShown;
    this.#isShown ||= isFirst;
    const isMany = this.#feed.board.size > MANY_TARGETS;
    const delayMs = isFirst ? 0 : isMany ? RENDER_MANY_EVERY_MS : RENDER_EVERY_MS;
    this.#world.timers.after(delayMs, () => {
      this.#isDue = false;
      if (!document.hidden) this.#render();
    });
  }

  #tick(): void {
    this.#soon();
    this.#world.timers.after(TICK_MS, () => this.#tick());
  }

  #render(): void {
    const { filter, target, view } = this.#place;
    const feed = this.#feed;
    const link = feed.link.state();
    const isMap = view === "map";
    setAttribute(this.#root, "data-view", view);
    setAttribute(this.#root, "data-link", link.kind);
    setAttribute(this.#root, "data-open", target !== null);
    // Of one observer alone its own verdict is the combined one, and nobody else says anything.
    const isAlone = (feed.observers?.observers.length ?? 0) < 2;
    setAttribute(this.#root, "data-alone", isAlone);
    setAttribute(this.#root, "data-no-matrix", isAlone || feed.matrix === null);
    for (const [name, tab] of this.#tabs)
      setAttribute(tab, "aria-pressed", name === view ? "true" : "false");
    this.#header.update(link, feed.readiness, feed.observers);
    this.#bar.update(feed.board.counts(), !isAlone);
    const rows = feed.board.rows(filter);
    this.#sayHowMany(rows.length, filter);
    setHidden(this.#list.element, isMap);
    setHidden(this.#map.element, !isMap);
    if (isMap) this.#map.update(rows, target);
    else this.#list.update(rows, target, this.#emptyText());
    this.#explanation.look(target);
    if (link.kind === "live" && !this.#wasLive) this.#explanation.pause(false);
    this.#wasLive = link.kind === "live";
    this.#detail.update(target);
    this.#observers.update(feed.observers);
    this.#cluster.update(feed.cluster, feed.readiness);
    this.#events.update(feed.happenings.all);
    this.#announcer.update(feed.happenings.all);
    this.#look();
    this.#sayTitle();
  }

  #look(): void {
    this.#feed.look(this.#place.view === "map" ? [] : this.#list.inView);
  }

  #sayHowMany(count: number, filter: BoardFilter): void {
    const isNarrowed = this.#bar.isActive;
    setHidden(this.#shownCount, !isNarrowed);
    const verdicts = [...filter.verdicts].toSorted((left, right) => BADNESS[left] - BADNESS[right]);
    const of = `${count} of ${countOf(this.#feed.board.size, "target")}`;
    const what = verdicts.length === 0 ? "" : `, only ${verdicts.join(", ")}`;
    setText(this.#shownCount, isNarrowed ? `${of}${what}. Esc clears.` : "");
  }

  #emptyText(): string {
    if (!this.#feed.isFilled) return "Nothing has been heard from the monitor yet.";
    if (this.#bar.isActive && this.#feed.board.size > 0) return "No target is like that.";
    return (
      "Nothing is watched yet. phi targets add NAME URL, or a PUT to /config, adds a target; " +
      "/openapi says how."
    );
  }

  /** What a tab in the background shows: never an old number as if it were of now. */
  #sayTitle(): void {
    const { readiness, board, link } = this.#feed;
    const name = readiness?.observer === undefined ? "phi" : `phi · ${readiness.observer}`;
    const { down, partial, suspect } = board.counts();
    const bad =
      down > 0
        ? `${down} down`
        : partial > 0
          ? `${partial} partial`
          : suspect > 0
            ? `${suspect} suspect`
            : "";
    const what = this.#isStopped || link.state().kind !== "live" ? "not live" : bad;
    const title = what === "" ? name : `${what} · ${name}`;
    if (document.title !== title) document.title = title;
  }

  #onVisibility(): void {
    this.#cancelStop();
    if (document.hidden) {
      this.#cancelStop = this.#world.timers.after(HIDDEN_MS, () => {
        this.#isStopped = true;
        this.#feed.stop();
        this.#explanation.pause(true);
        this.#sayTitle();
      });
      return;
    }
    if (this.#isStopped) {
      this.#isStopped = false;
      this.#feed.start();
      this.#explanation.pause(false);
    }
    this.#render();
  }
}

/** As in the style. */
function isNarrow(): boolean {
  return matchMedia("(max-width: 56rem)").matches;
}
