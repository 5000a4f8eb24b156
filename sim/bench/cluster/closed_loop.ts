/**
 * A closed loop of clients that ask by HTTP/1.1, each over a connection that it keeps. On bare sockets, so
 * that as little as possible of what is measured is the asking, and the same for whoever is asked.
 */
import type { Socket } from "bun";
import type { LoadOptions, LoadRecorder } from "../raft/load.ts";

/** `nextRequest` gives whole requests, ASCII only and smaller than any socket's buffer. */
export async function askClosedLoop(
  options: LoadOptions,
  nextRequest: () => string,
  recorder: LoadRecorder,
): Promise<void> {
  const asking = Array.from({ length: options.clients }, () =>
    connect(options.port, nextRequest, recorder),
  );
  const connections = await Promise.all(asking);
  await recorder.record(options);
  for (const connection of connections) connection.terminate();
}

/** Asks as soon as the connection stands, and again at each answer. */
function connect(port: number, nextRequest: () => string, recorder: LoadRecorder): Promise<Socket> {
  let askedMs = 0;
  let received = "";
  const ask = (socket: Socket): void => {
    const request = nextRequest();
    askedMs = performance.now();
    if (socket.write(request) !== request.length) throw new Error("a request did not go out whole");
  };
  return Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: ask,
      data: (socket, chunk) => {
        received += chunk.toString("latin1");
        const status = statusOfWhole(received);
        if (status === undefined) return;
        recorder.answered(status === 200, performance.now() - askedMs);
        received = "";
        ask(socket);
      },
    },
  });
}

const LENGTH = /\r\ncontent-length: *(?<bytes>\d+)/iu;

/** The status of an answer of which all is here; undefined before that. */
function statusOfWhole(answer: string): number | undefined {
  const headEnd = answer.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = answer.slice(0, headEnd);
  const length = LENGTH.exec(head)?.groups?.["bytes"];
  if (length === undefined) throw new Error(`an answer does not say how long it is: ${head}`);
  if (answer.length < headEnd + 4 + Number(length)) return undefined;
  return Number(head.split(" ", 2)[1]);
}
