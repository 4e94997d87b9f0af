// publisher.cjs REDIS_URL PORT: takes lines "ROOM JSON" and emits them from outside, by @socket.io/redis-emitter.
const { createServer } = require("node:net");
const { createInterface } = require("node:readline");
const { Emitter } = require("@socket.io/redis-emitter");
const { createClient } = require("redis");

const [url, port] = process.argv.slice(2);

async function main() {
  const redis = createClient({ url });
  await redis.connect();
  const emitter = new Emitter(redis);
  createServer((connection) => {
    createInterface({ input: connection }).on("line", (line) => {
      const space = line.indexOf(" ");
      emitter.to(line.slice(0, space)).emit("message", JSON.parse(line.slice(space + 1)));
    });
  }).listen(Number(port), "127.0.0.1");
}

main();
