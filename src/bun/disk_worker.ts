/**
 * A Worker that has a disk to itself, seen from both sides. It is a program of its own to the bundler (`make
 * build` names each beside `main.ts`), it answers later than it is asked, and it ends by itself once it has
 * given its last answer: ended from outside in the middle of a call into SQLite it could take the process
 * with it.
 */

/** Where a disk is waited for. */
export interface DiskThread<Request> {
  send(request: Request, transfer?: Transferable[]): void;
  /** Resolves once it is gone; nothing has to be sent for that after the last answer. */
  readonly ended: Promise<void>;
}

export type StartDiskThread<Request, Reply> = (
  onReply: (reply: Reply) => void,
  /** It ended, or never began, for another reason than having given its last answer. */
  onLost: (detail: string) => void,
) => DiskThread<Request>;

/**
 * In a compiled binary a Worker is a file of the binary, named as it is below the sources' root
 * (`--root` of the compiler); an address relative to this module would not lead there, since this
 * module is part of a larger file.
 */
function workerUrl(folder: string): string {
  return Bun.main.startsWith("/$bunfs/")
    ? `/$bunfs/root/bun/${folder}/worker.js`
    : new URL(`./${folder}/worker.ts`, import.meta.url).href;
}

/** The Worker whose program is `worker.ts` of a folder beside this file. */
export function diskWorker<Request, Reply>(folder: string): StartDiskThread<Request, Reply> {
  return (onReply, onLost) => {
    const worker = new Worker(workerUrl(folder), { name: folder.replaceAll("_", " ") });
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => onReply(data));
    worker.addEventListener("error", ({ message }) => onLost(message));
    worker.addEventListener("close", () => {
      onLost("its thread ended");
      resolve();
    });
    const send = (request: Request, transfer: Transferable[] = []) => {
      worker.postMessage(request, transfer);
    };
    return { send, ended };
  };
}

/** What answers requests on the thread that it is made on. */
export interface DiskService<Request> {
  take(request: Request): void;
}

/** The thread of the caller, who then waits for the disk: for tests, and to measure the difference. */
export function inThread<Request, Reply>(
  make: (answer: (reply: Reply) => void) => DiskService<Request>,
): StartDiskThread<Request, Reply> {
  return (onReply) => {
    const service = make(onReply);
    return { send: (request) => service.take(request), ended: Promise.resolve() };
  };
}

declare const self: Worker;

/** In the Worker: serves until the last answer. */
export function serveInWorker<Request, Reply>(
  make: (answer: (reply: Reply) => void) => DiskService<Request>,
  isLast: (reply: Reply) => boolean,
  /** The large parts of a reply, which nothing in the Worker needs any more. */
  transferOf: (reply: Reply) => Transferable[] = () => [],
): void {
  const service = make((reply) => {
    self.postMessage(reply, transferOf(reply));
    // Without a listener nothing keeps the thread alive.
    if (isLast(reply)) self.removeEventListener("message", take);
  });
  function take({ data }: MessageEvent<Request>): void {
    service.take(data);
  }
  self.addEventListener("message", take);
}
