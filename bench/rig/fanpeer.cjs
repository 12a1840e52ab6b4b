// The peer of `make bench-fanout`: a bare broadcast by the `ws` package. Whatever is published on the channel goes to
// every socket as it is. Arguments: port, path of Valkey's unix socket, channel.
"use strict";
const http = require("node:http");
const net = require("node:net");
const { WebSocketServer } = require("ws");

const [port, valkey, channel] = process.argv.slice(2);
const server = http.createServer((request, response) => response.end("ok"));
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket) => socket.on("error", () => {}));
server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });

let waiting = Buffer.alloc(0);
const head = Buffer.from(`message\r\n$${channel.length}\r\n${channel}\r\n$`);
const line = net.connect(valkey, () => line.write(`SUBSCRIBE ${channel}\r\n`));
line.on("data", (data) => {
  waiting = Buffer.concat([waiting, data]);
  for (let at = waiting.indexOf(head); at >= 0; at = waiting.indexOf(head)) {
    const end = waiting.indexOf("\r\n", at + head.length);
    if (end < 0) return;
    const length = Number(waiting.subarray(at + head.length, end));
    if (waiting.length < end + 2 + length) return;
    broadcast(waiting.subarray(end + 2, end + 2 + length).toString());
    waiting = waiting.subarray(end + 2 + length);
  }
});

function broadcast(text) {
  for (const socket of sockets.clients) if (socket.readyState === 1) socket.send(text);
}
