/**
 * The system's Chromium, driven by playwright-core, for tests of what people look at. It reaches this machine and
 * nothing else; what it asks for, and what it complains of, is kept for the test to judge.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

export type { Page };

export interface Browser {
  readonly page: Page;
  /** Every URL that was asked for. */
  readonly asked: readonly string[];
  /** Errors of scripts and of the policy. What the monitor lacks (404) is none. */
  readonly complaints: readonly string[];
}

export interface BrowserOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
}

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A name that somebody would look up leads nowhere.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

const opened: { readonly context: BrowserContext; readonly directory: string }[] = [];

/** With a profile of its own; `closeBrowsers` ends it. */
export async function openBrowser({
  width = 1280,
  height = 800,
  scheme = "light",
}: BrowserOptions = {}): Promise<Browser> {
  const directory = mkdtempSync(join(tmpdir(), "phi-browser-"));
  const context = await chromium.launchPersistentContext(directory, {
    executablePath: Bun.which("chromium") ?? "chromium",
    headless: true,
    viewport: { width, height },
    colorScheme: scheme,
    locale: "en-GB",
    args: ARGUMENTS,
  });
  opened.push({ context, directory });
  const asked: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => asked.push(request.url()));
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => complaints.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !text.startsWith("Failed to load resource")) {
      complaints.push(text);
    }
  });
  return { page, asked, complaints };
}

export async function closeBrowsers(): Promise<void> {
  for (const { context, directory } of opened.splice(0)) {
    await context.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

interface AccessibleNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

/** What a screen reader is told: `button "Close"`, in the order of the page. */
export async function accessibleNodes(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = (await session.send("Accessibility.getFullAXTree")) as unknown as {
    readonly nodes: readonly AccessibleNode[];
  };
  await session.detach();
  return nodes
    .filter(({ ignored, role }) => !ignored && role !== undefined)
    .map(({ role, name }) => `${role!.value} ${JSON.stringify(name?.value ?? "")}`);
}
