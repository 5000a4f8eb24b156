/**
 * The other end of the probe benches: answers every request with the same few bytes and looks at
 * nothing, so that as little as possible of what is measured is its own. Run as a process of its own;
 * it prints its port.
 */
const ANSWER = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok";

const server = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    data: (socket) => {
      socket.write(ANSWER);
    },
  },
});
console.log(server.port);
