/**
 * A terminal as a screen: frames in, keys out. It draws on the alternate screen, so that what was there before comes
 * back, and gives the terminal back as it was on every way out: a key, a signal, a suspension, a crash.
 */

export interface Screen {
  readonly size: { readonly columns: number; readonly rows: number };
  /** Draws these lines; no more than there are rows. */
  draw(lines: readonly string[]): void;
  /** Takes the terminal over. `onKey` gets names (`up`, `pagedown`, `escape`, `enter`, `backspace`) or a character. */
  open(onKey: (key: string) => void, onResize: () => void): void;
  /** Gives it back; twice does no harm. */
  close(): void;
}

const ALTERNATE = "\u001B[?1049h\u001B[?25l\u001B[?7l";
const BACK = "\u001B[?7h\u001B[?25h\u001B[?1049l";

const KEYS: ReadonlyMap<string, string> = new Map([
  ["\u001B[A", "up"],
  ["\u001BOA", "up"],
  ["\u001B[B", "down"],
  ["\u001BOB", "down"],
  ["\u001B[5~", "pageup"],
  ["\u001B[6~", "pagedown"],
  ["\u001B[H", "home"],
  ["\u001B[1~", "home"],
  ["\u001BOH", "home"],
  ["\u001B[F", "end"],
  ["\u001B[4~", "end"],
  ["\u001BOF", "end"],
  ["\u001B", "escape"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["\u007F", "backspace"],
  ["\b", "backspace"],
  ["\u0003", "interrupt"],
  ["\u001A", "suspend"],
]);

/** The keys of what arrived at once; what is no key of ours is passed over. */
export function readKeys(text: string): string[] {
  const keys: string[] = [];
  // A sequence is ESC, one of [ or O, and what ends it.
  // oxlint-disable-next-line no-control-regex
  for (const [part] of text.matchAll(/\u001B(?:[[O][\d;]*[A-Za-z~])?|[^\u001B]/gu)) {
    const key = KEYS.get(part) ?? (/^[\x20-\x7e]$/u.test(part) ? part : undefined);
    if (key !== undefined) keys.push(key);
  }
  return keys;
}

export function terminalScreen(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream): Screen {
  let isOpen = false;
  let drawn = "";
  let heard: ((key: string) => void) | undefined;
  const onData = (data: Buffer | string) => {
    for (const key of readKeys(String(data))) {
      if (key === "suspend") suspend();
      else heard?.(key);
    }
  };
  function take(): void {
    isOpen = true;
    drawn = "";
    stdout.write(ALTERNATE);
    if (!stdin.isTTY) return;
    stdin.setRawMode(true);
    stdin.resume();
  }
  function giveBack(): void {
    if (!isOpen) return;
    isOpen = false;
    if (stdin.isTTY) {
      stdin.setRawMode(false);
      stdin.pause();
    }
    stdout.write(BACK);
  }
  /** Ctrl-Z, which a terminal in raw mode leaves to us. */
  function suspend(): void {
    giveBack();
    process.once("SIGCONT", take);
    process.kill(process.pid, "SIGTSTP");
  }
  return {
    get size() {
      return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
    },
    draw(lines) {
      // Erased first: after the last column the cursor still stands on it.
      const frame = lines.map((line) => `\u001B[2K${line}`).join("\r\n");
      if (!isOpen || frame === drawn) return;
      drawn = frame;
      stdout.write(`\u001B[H${frame}\u001B[J`);
    },
    open(onKey, onResize) {
      heard = onKey;
      stdin.on("data", onData);
      stdout.on("resize", () => {
        drawn = "";
        onResize();
      });
      process.on("exit", giveBack);
      take();
    },
    close() {
      stdin.off("data", onData);
      giveBack();
    },
  };
}
