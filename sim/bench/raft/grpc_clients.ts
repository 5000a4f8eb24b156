/**
 * A closed loop of clients that ask etcd by its own protocol, gRPC, all over one connection: what it
 * does without the JSON gateway in front of it.
 */
import { type ClientHttp2Session, connect } from "node:http2";
import { type LoadOptions, type LoadRecorder, type Put, turnsOf } from "./load.ts";

const HEADERS = {
  ":method": "POST",
  ":path": "/etcdserverpb.KV/Put",
  "content-type": "application/grpc",
  te: "trailers",
};

export async function askByGrpc(options: LoadOptions, recorder: LoadRecorder): Promise<void> {
  const session = connect(`http://127.0.0.1:${options.port}`);
  const nextRequest = turnsOf(putRequest);
  const clients = Array.from({ length: options.clients }, async () => {
    while (!session.destroyed) {
      const askedMs = performance.now();
      // A closed loop: the next question waits for the answer.
      const isSuccess = await ask(session, nextRequest());
      recorder.answered(isSuccess, performance.now() - askedMs);
    }
  });
  await recorder.record(options);
  session.destroy();
  await Promise.all(clients);
}

/** Whether it was answered with gRPC's status 0. */
function ask(session: ClientHttp2Session, request: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = session.request(HEADERS);
    let isSuccess = false;
    stream.on("trailers", (trailers) => {
      isSuccess = trailers["grpc-status"] === "0";
    });
    // Without a reader it does not end.
    stream.on("data", () => {});
    // The end of the session ends it too; `close` follows.
    stream.on("error", () => {});
    stream.on("close", () => resolve(isSuccess));
    stream.end(request);
  });
}

/** A `PutRequest` in protobuf, after gRPC's five bytes: not compressed, and how long it is. */
function putRequest({ key, value }: Put): Uint8Array {
  const fields = [...field(1, key), ...field(2, value)];
  const request = new Uint8Array([0, 0, 0, 0, 0, ...fields]);
  new DataView(request.buffer).setUint32(1, fields.length);
  return request;
}

/** Bytes, of fewer than 2^14. */
function field(number: number, bytes: Uint8Array): number[] {
  const { length } = bytes;
  const lengthBytes = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
  return [(number << 3) | 2, ...lengthBytes, ...bytes];
}
