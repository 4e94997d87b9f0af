// server.cjs PORT REDIS_URL: a socket at /ROOM hears what is published on the Redis channel ROOM, and its room's typing.
const { createServer } = require("node:http");
const { WebSocketServer } = require("ws");
const { createClient } = require("redis");

const [port, url] = process.argv.slice(2);
const rooms = new Map();

async function roomOf(name, redis) {
  let room = rooms.get(name);
  if (!room) {
    room = { sockets: new Set() };
    rooms.set(name, room);
    room.subscribed = redis.subscribe(name, (message) => {
      for (const socket of room.sockets) socket.send(message);
    });
  }
  await room.subscribed;
  return room;
}

async function main() {
  const redis = createClient({ url });
  await redis.connect();
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on("connection", async (socket, request) => {
    const room = await roomOf(request.url.slice(1), redis);
    room.sockets.add(socket);
    socket.on("close", () => room.sockets.delete(socket));
    socket.on("message", (data) => {
      const text = data.toString();
      JSON.parse(text);
      for (const other of room.sockets) if (other !== socket) other.send(text);
    });
    socket.send("ready");
  });
  http.listen(Number(port), "127.0.0.1", 4096);
}

main();
