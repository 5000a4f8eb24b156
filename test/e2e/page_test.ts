/** The page in a real browser, against three monitors of the compiled binary and simulated servers. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { stopAll, until } from "../kit/binary.ts";
import {
  accessibleNodes,
  type Browser,
  closeBrowsers,
  openBrowser,
  type Page,
} from "../kit/browser.ts";
import { Monitor } from "../kit/cluster.ts";
import { contrasts } from "../kit/contrast.ts";
import { needs } from "../kit/needs.ts";
import { CUT_OFF, type WatchedServers, watchServers } from "../kit/watched_servers.ts";

const LONG_MS = 120_000;
const SHOWN_ROWS = ".row:not([hidden])";

const rowOf = (page: Page, name: string) =>
  page
    .locator(SHOWN_ROWS)
    .filter({ has: page.locator(".name b", { hasText: new RegExp(`^${name}$`, "u") }) });
const namesOf = (page: Page) => page.locator(`${SHOWN_ROWS} .name b`).allTextContents();
const hash = (page: Page) => page.evaluate(() => location.hash);
const untilLive = (page: Page) => page.locator('#app[data-link="live"]').waitFor();
const untilVerdict = (page: Page, name: string, verdict: string) =>
  rowOf(page, name).locator(`.joint .verdict.${verdict}`).waitFor();

async function hasSidewaysScroll(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

describe.skipIf(!needs("chromium"))("the page", () => {
  let servers: WatchedServers;
  let browser: Browser;
  let page: Page;
  let url = "";

  beforeAll(async () => {
    servers = await watchServers();
    url = servers.monitors[0]!.url;
    browser = await openBrowser();
    ({ page } = browser);
    await page.goto(url);
    await untilLive(page);
    await untilVerdict(page, "server9", "up");
  }, LONG_MS);

  afterAll(async () => {
    await closeBrowsers();
    await stopAll();
  }, LONG_MS);

  /** Wherever the test before has left it. */
  beforeEach(async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.evaluate(() => {
      location.hash = "";
    });
    await page.locator('#app[data-view="list"]:not([data-open])').waitFor();
  });

  test("shows every target with its verdict and φ against its threshold, and who speaks", async () => {
    expect((await namesOf(page)).toSorted()).toEqual(
      [...Array.from({ length: 9 }, (_, at) => `server${at + 1}`), "test4"].toSorted(),
    );
    await until(
      "φ of test4",
      async () =>
        /^\d+\.\d\d \/ 8$/u.test(
          (await rowOf(page, "test4").locator(".level").textContent()) ?? "",
        ) || undefined,
    );
    expect(await page.locator("header").textContent()).toContain("seen by monitor1");
    expect(await page.title()).toContain("monitor1");
    const whole = /3 members, led by monitor\d in term \d+, quorum/u;
    await page.locator("#cluster").filter({ hasText: whole }).waitFor();
  });

  test(
    "a server that one monitor alone cannot reach is partial, and the monitor is named",
    async () => {
      const name = `server${CUT_OFF}`;
      await untilVerdict(page, name, "partial");
      await rowOf(page, name).getByLabel("monitor1: up, monitor2: up, monitor3: down").waitFor();
      await rowOf(page, name).locator(".own", { hasText: "up" }).waitFor();
      await page.locator(".chip.partial b", { hasText: /^1$/u }).waitFor();
      await rowOf(page, name).click();
      const votes = page.locator(".detail tr", { hasText: "monitor3" });
      await votes.filter({ hasText: "down" }).filter({ hasText: "counts" }).waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("m");
      await until("it alone to be disputed", async () => {
        const disputed = await page.locator(".differ button").allTextContents();
        return disputed.join() === name || undefined;
      });
      await page.focus(".map canvas");
      const said = `${name} is partial. monitor1: up, monitor2: up, monitor3: down.`;
      const says = () => page.locator(".map-says").textContent();
      await page.keyboard.press("ArrowRight");
      await until("the map to say so", async () => {
        if ((await says()) === said) return true;
        const isLast = (await says())?.startsWith("test4") === true;
        for (let step = 0; step < (isLast ? 12 : 1); step++) {
          await page.keyboard.press(isLast ? "ArrowLeft" : "ArrowRight");
        }
        return undefined;
      });
      await page.keyboard.press("Enter");
      expect(await page.locator(".detail h2").textContent()).toBe(name);
      await page.keyboard.press("Escape");
      await page.keyboard.press("m");
    },
    LONG_MS,
  );

  test(
    "a monitor that is not heard is said to be, and what it said before does not count on",
    async () => {
      const { pid } = servers.monitors[2]!.running;
      const observer = page.locator("#observers li", { hasText: "monitor3" });
      process.kill(pid, "SIGSTOP");
      try {
        await observer.filter({ hasText: "not heard" }).waitFor();
        await untilVerdict(page, `server${CUT_OFF}`, "up");
        await rowOf(page, `server${CUT_OFF}`).getByLabel("monitor3: not heard").waitFor();
      } finally {
        process.kill(pid, "SIGCONT");
      }
      await untilVerdict(page, `server${CUT_OFF}`, "partial");
    },
    LONG_MS,
  );

  test(
    "a server that is delayed is suspected, falls and comes back before one's eyes, without a reload",
    async () => {
      await page.evaluate(() => document.body.setAttribute("data-not-reloaded", "yes"));
      await servers.control(5, { delay: 10 });
      await untilVerdict(page, "server5", "down");
      // Before it says what happens next.
      await page
        .locator("[aria-live]", { hasText: "server5 is down" })
        .waitFor({ state: "attached" });
      // Once nobody else is suspected, which on a busy machine may happen for a moment.
      await until("it to be the worst, before the one that is partial, and counted", async () => {
        const names = await namesOf(page);
        const downCount = await page.locator(".chip.down b").textContent();
        const isIt =
          names[0] === "server5" &&
          names[1] === `server${CUT_OFF}` &&
          downCount === "1" &&
          (await page.title()).startsWith("1 down");
        return isIt || undefined;
      });
      const event = page.locator("#events li", { hasText: "server5" }).first();
      await event.filter({ hasText: "down" }).waitFor();
      await servers.control(5, { delay: 0 });
      await untilVerdict(page, "server5", "up");
      expect(await page.getAttribute("body", "data-not-reloaded")).toBe("yes");
    },
    LONG_MS,
  );

  test("who opens the page later sees what happened before, the newest first, and is not told of it aloud", async () => {
    const late = await page.context().newPage();
    try {
      await late.goto(page.url());
      const events = late.locator("#events li", { hasText: "server5" });
      await events.first().waitFor();
      const texts = await events.allTextContents();
      expect(texts.at(0)).toContain("up");
      expect(texts.some((text) => text.includes("down"))).toBe(true);
      // With the day, which may be another.
      expect(await events.first().locator("time").textContent()).toMatch(/\d{4}/u);
      expect(await late.locator("[aria-live]").first().textContent()).toBe("");
    } finally {
      await late.close();
    }
  });

  test(
    "what the map says of a target is what it is by now, wherever it moves, and Enter opens that one",
    async () => {
      await page.mouse.move(0, 0);
      await page.keyboard.press("m");
      await page.focus(".map canvas");
      const says = page.locator(".map-says");
      await until("the map to be on server7", async () => {
        if ((await says.textContent())?.startsWith("server7 is up") === true) return true;
        await page.keyboard.press("ArrowRight");
        return undefined;
      });
      await servers.control(7, { delay: 10 });
      await says.filter({ hasText: /^server7 is down/u }).waitFor();
      await page.keyboard.press("Enter");
      expect(await page.locator(".detail h2").textContent()).toBe("server7");
      await page.keyboard.press("Escape");
      await page.keyboard.press("m");
      await servers.control(7, { delay: 0 });
      await untilVerdict(page, "server7", "up");
    },
    LONG_MS,
  );

  test("a target in full: its curve, its verdicts and its numbers, which go on", async () => {
    await rowOf(page, "server1").click();
    const detail = page.locator(".detail");
    expect(await detail.locator("h2").textContent()).toBe("server1");
    await detail.locator(".uplot canvas").waitFor();
    expect(await detail.textContent()).toMatch(/down from 16/u);
    const phiNow = () => detail.locator(".facts dd").first().textContent();
    const before = await phiNow();
    await until("φ to go on", async () => ((await phiNow()) === before ? undefined : true));
    expect(await hash(page)).toBe("#target=server1");
    await detail.getByRole("button", { name: "Close" }).click();
    expect(await detail.isVisible()).toBe(false);
  });

  test("a link to a target that is not watched says so, and its numbers come once it is", async () => {
    const none = `#target=${encodeURIComponent("<b>nobody")}`;
    await page.evaluate((to) => location.replace(to), none);
    const states = page.locator(".detail .states");
    await states.getByText("There is no such target").waitFor();
    expect(await page.locator(".detail h2").textContent()).toBe("<b>nobody");
    expect(await page.locator(".detail .facts dd").count()).toBe(0);
    await page.evaluate(() => location.replace("#target=server1"));
    await states.getByText("seen from here").waitFor();
    await page.locator(".detail").getByRole("button", { name: "Close" }).click();
  });

  test("search and filter narrow the list, together, and the address keeps them", async () => {
    await page.fill("#search", "SERVER");
    await until("nine", async () => ((await namesOf(page)).length === 9 ? true : undefined));
    await page.getByRole("button", { name: /unknown/u }).click();
    await page.locator(".empty", { hasText: "No target is like that" }).waitFor();
    expect(await page.locator(".shown-count").textContent()).toBe(
      "0 of 10 targets, only unknown. Esc clears.",
    );
    expect(await hash(page)).toBe("#verdict=unknown&q=SERVER");
    await page.reload();
    await untilLive(page);
    expect(await page.inputValue("#search")).toBe("SERVER");
    expect(await page.getByRole("button", { name: /unknown/u }).getAttribute("aria-pressed")).toBe(
      "true",
    );
    await page.keyboard.press("Escape");
    await until("all", async () => ((await namesOf(page)).length === 10 ? true : undefined));
    expect(await hash(page)).toBe("");
  });

  test("everything can be done from the keyboard", async () => {
    const focused = () => page.evaluate(() => document.activeElement?.id);
    const active = async () => {
      const id = await page.getAttribute("#targets", "aria-activedescendant");
      return id === null ? null : page.locator(`#${id} .name b`).textContent();
    };
    await page.keyboard.press("/");
    expect(await focused()).toBe("search");
    await page.keyboard.type("server");
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("targets");
    const names = await namesOf(page);
    expect(await active()).toBe(names[0]!);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await active()).toBe(names[2]!);
    await page.keyboard.press("End");
    expect(await active()).toBe(names.at(-1)!);
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    expect(await page.locator(".detail h2").textContent()).toBe(names[0]!);
    await page.keyboard.press("Escape");
    expect(await page.locator(".detail").isVisible()).toBe(false);
    expect(await focused()).toBe("targets");
    await page.keyboard.press("Escape");
    expect(await page.inputValue("#search")).toBe("");
    await page.keyboard.press("m");
    expect(await page.locator(".map").isVisible()).toBe(true);
    await page.keyboard.press("m");
    expect(await page.locator(".map").isVisible()).toBe(false);
    await page.keyboard.press("?");
    expect(await page.locator("dialog").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.locator("dialog").isVisible()).toBe(false);
  });

  test("a screen reader is told names and roles of everything", async () => {
    await rowOf(page, "server1").click();
    const nodes = await accessibleNodes(page);
    const nameless = nodes.filter((node) =>
      /^(?:button|link|searchbox|textbox|grid|columnheader|rowheader|img|image|dialog|navigation|region|alert) ""$/u.test(
        node,
      ),
    );
    expect(nameless).toEqual([]);
    for (const expected of [
      'searchbox "Search targets by name"',
      'grid "Targets, the worst first"',
      'heading "server1"',
      'heading "Observers"',
      'button "Close"',
    ]) {
      expect(nodes).toContain(expected);
    }
    expect(nodes.filter((node) => node.startsWith("row ")).length).toBeGreaterThanOrEqual(11);
    const ids = await page.evaluate(() =>
      [...document.querySelectorAll("[id]")].map(({ id }) => id),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(await page.getAttribute("html", "lang")).toBe("en");
    expect(await page.locator("h1").count()).toBe(1);
    // A verdict is never a colour alone.
    const words = await page.locator(`${SHOWN_ROWS} .joint .verdict`).allTextContents();
    expect(words.every((word) => /^(?:up|partial|suspect|down|unknown)$/u.test(word))).toBe(true);
    await page.keyboard.press("Escape");
  });

  test.each(["light", "dark"] as const)("text can be read in the %s", async (scheme) => {
    await page.emulateMedia({ colorScheme: scheme });
    const ratios = await page.evaluate(contrasts);
    expect(ratios.length).toBeGreaterThan(10);
    expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    const [ground] = await page.evaluate(() => [getComputedStyle(document.body).backgroundColor]);
    const [red = 0] = (ground ?? "").match(/\d+/gu)?.map(Number) ?? [];
    expect(scheme === "dark" ? red < 60 : red > 200).toBe(true);
    await page.emulateMedia({ colorScheme: "light" });
  });

  test("on a telephone one part is shown at a time, and nothing scrolls sideways", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    const tab = (name: string) => page.locator(".tabs button", { hasText: name });
    for (const [name, part] of [
      ["Map", ".map"],
      ["Observers", "#observers"],
      ["Events", "#events"],
      ["Targets", "#targets"],
    ] as const) {
      await tab(name).click();
      expect([name, await page.locator(part).isVisible()]).toEqual([name, true]);
      expect([name, await hasSidewaysScroll(page)]).toEqual([name, false]);
    }
    expect(await page.locator("#observers").isVisible()).toBe(false);
    await rowOf(page, "server2").click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("detail-heading");
    expect(await hasSidewaysScroll(page)).toBe(false);
    const box = await page.locator(".detail").boundingBox();
    expect(box?.width).toBe(360);
    await page.getByRole("button", { name: "Close" }).click();
    expect(await page.locator("#targets").isVisible()).toBe(true);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test(
    "a monitor that hangs is not shown as live, and since when; when it goes on, it is live again",
    async () => {
      const { pid } = servers.monitors[0]!.running;
      process.kill(pid, "SIGSTOP");
      try {
        const alarm = page.getByRole("alert");
        await alarm.filter({ hasText: /not been heard since \d+:\d\d:\d\d/u }).waitFor();
        expect(await page.title()).toStartWith("not live");
        const look = () =>
          page.evaluate(() => {
            const { filter, opacity } = getComputedStyle(document.querySelector("main")!);
            return { filter, opacity: Number(opacity) };
          });
        expect((await look()).filter).toBe("grayscale(1)");
        expect((await look()).opacity).toBeLessThan(1);
        const age = () => rowOf(page, "server1").locator(".joint small").textContent();
        const before = await age();
        await Bun.sleep(2_500);
        expect(await age()).toBe(before);
      } finally {
        process.kill(pid, "SIGCONT");
      }
      await untilLive(page);
      expect(await page.getByRole("alert").isVisible()).toBe(false);
      await untilVerdict(page, "server1", "up");
    },
    LONG_MS,
  );

  test(
    "a picture of it shows something",
    async () => {
      const { PHI_PAGE_PICTURE: path } = process.env;
      if (path !== undefined) await pose(page, servers);
      const picture = await page.screenshot();
      expect(picture.subarray(1, 4).toString()).toBe("PNG");
      expect(picture.length).toBeGreaterThan(20_000);
      if (path !== undefined) await Bun.write(path, picture);
    },
    2 * LONG_MS,
  );

  test("the badge is a picture that a browser shows", async () => {
    const { page: other } = await openBrowser();
    await other.goto(`${url}/badge/server1.svg`);
    expect(await other.evaluate(() => document.documentElement.tagName)).toBe("svg");
    expect(await accessibleNodes(other)).toContain('image "server1: up"');
  });

  test("it asked nobody but its monitor for anything, and nothing broke", () => {
    expect(browser.asked.length).toBeGreaterThan(10);
    const elsewhere = browser.asked.filter((asked) => !asked.startsWith(`${url}/`));
    expect(elsewhere.filter((asked) => !asked.startsWith("data:"))).toEqual([]);
    expect(browser.complaints).toEqual([]);
  });
});

describe.skipIf(!needs("chromium"))("the page with ten thousand targets", () => {
  let browser: Browser;
  let monitor: Monitor;

  beforeAll(async () => {
    monitor = new Monitor({ id: "alone" }).start();
    await monitor.untilStatus("to lead", ({ role }) => role === "leader");
    const { headers } = await monitor.ask("/config");
    const servers = Array.from({ length: 10_000 }, (_, at) => ({
      name: `service-${at}`,
      url: "push:",
      intervalMillis: 3_600_000,
    }));
    const written = await monitor.ask("/config", {
      method: "POST",
      headers: { "content-type": "application/json", "if-match": headers.get("etag")! },
      body: JSON.stringify({ servers }),
    });
    expect(written.status).toBe(200);
    browser = await openBrowser();
    await browser.page.goto(monitor.url);
    await untilLive(browser.page);
  }, LONG_MS);

  afterAll(async () => {
    await closeBrowsers();
    await stopAll();
  }, LONG_MS);

  test("draws only what is in view, goes to the end and finds at once", async () => {
    const { page } = browser;
    await page.locator("#targets", { hasText: "service-0" }).waitFor();
    expect(await page.locator(".row").count()).toBeLessThan(60);
    expect(await page.getAttribute("#targets", "aria-rowcount")).toBe("10001");
    await page.focus("#targets");
    await page.keyboard.press("End");
    await rowOf(page, "service-9999").waitFor();
    expect(await page.locator(".row").count()).toBeLessThan(60);
    await page.fill("#search", "service-4321");
    await until("one", async () =>
      (await namesOf(page)).join(" ") === "service-4321" ? true : undefined,
    );
    expect(await page.locator(".shown-count").textContent()).toStartWith("1 of 10000 targets");
  });

  test(
    "learns of targets that come and go, and of what its own search shows",
    async () => {
      const { page } = browser;
      await page.fill("#search", "late");
      await monitor.put({ name: "late-one", url: "push:" });
      await rowOf(page, "late-one").waitFor();
      await monitor.ask("/config/late-one", { method: "DELETE" });
      await page.locator(".empty", { hasText: "No target is like that" }).waitFor();
    },
    LONG_MS,
  );

  test(
    "a monitor that dies leaves nothing that looks live, and one in its place is found",
    async () => {
      const { page } = browser;
      await monitor.end("SIGKILL");
      await page.getByRole("alert").filter({ hasText: "Not live" }).waitFor();
      expect(await page.getAttribute("#app", "data-link")).toBe("lost");
      monitor.start();
      await untilLive(page);
      expect(browser.complaints).toEqual([]);
    },
    LONG_MS,
  );
});

/** The scene of the README's picture: a slow server, watched under two thresholds, and one that one monitor cannot reach. */
async function pose(page: Page, servers: WatchedServers): Promise<void> {
  for (const number of [1, 2, 4, 7, 8, 9]) await servers.control(number, { jitter: 0.6 });
  await page.goto("about:blank");
  await page.goto(`${servers.monitors[0]!.url}/#target=test4`);
  await untilLive(page);
  await Bun.sleep(75_000);
  await servers.control(6, { delay: 10 });
  // server6 is suspect from a second later on, and down after another one.
  await untilVerdict(page, "test4", "down");
  await Bun.sleep(1_300);
}
