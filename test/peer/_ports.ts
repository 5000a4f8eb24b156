/** Ports of the loopback that the system says are free. */
import { createServer } from "node:net";

/** Free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return address.port;
}
