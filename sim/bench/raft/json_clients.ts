/**
 * A closed loop of clients that ask by HTTP/1.1 and JSON, as etcd's gateway has it, each over a
 * connection that it keeps. On bare sockets, so that as little as possible of what is measured is the
 * asking; the same bytes for whoever is asked.
 */
import type { Socket } from "bun";
import { type LoadOptions, type LoadRecorder, type Put, turnsOf } from "./load.ts";

export async function askByJson(options: LoadOptions, recorder: LoadRecorder): Promise<void> {
  const nextRequest = turnsOf(putRequest);
  const asking = Array.from({ length: options.clients }, () =>
    connect(options.port, nextRequest, recorder),
  );
  const connections = await Promise.all(asking);
  await recorder.record(options);
  for (const connection of connections) connection.terminate();
}

function putRequest({ key, value }: Put): string {
  const body = JSON.stringify({ key: key.toBase64(), value: value.toBase64() });
  return (
    "POST /v3/kv/put HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n" +
    `content-length: ${body.length}\r\n\r\n${body}`
  );
}

/** Asks as soon as the connection stands, and again at each answer. */
function connect(port: number, nextRequest: () => string, recorder: LoadRecorder): Promise<Socket> {
  let askedMs = 0;
  let received = "";
  const ask = (socket: Socket): void => {
    const request = nextRequest();
    askedMs = performance.now();
    // Smaller than any socket's buffer.
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

/** The status of an answer of which all is here; undefined before that. */
function statusOfWhole(answer: string): number | undefined {
  const headEnd = answer.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = answer.slice(0, headEnd);
  const length = /\r\ncontent-length: *(?<bytes>\d+)/iu.exec(head)?.groups?.["bytes"];
  if (length === undefined) throw new Error(`an answer does not say how long it is: ${head}`);
  if (answer.length < headEnd + 4 + Number(length)) return undefined;
  return Number(head.split(" ", 2)[1]);
}
