// server.cjs PORT REDIS_URL: a socket that connects with ?room=ROOM hears that room.
const { createServer } = require("node:http");
const { Server } = require("socket.io");
const { createAdapter } = require("@socket.io/redis-adapter");
const { createClient } = require("redis");

const [port, url] = process.argv.slice(2);

async function main() {
  const publisher = createClient({ url });
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  const http = createServer();
  const io = new Server(http, {
    transports: ["websocket"],
    perMessageDeflate: false,
    adapter: createAdapter(publisher, subscriber),
  });
  io.use((socket, next) => {
    socket.join(socket.handshake.query.room);
    next();
  });
  http.listen(Number(port), "127.0.0.1", 4096);
}

main();
