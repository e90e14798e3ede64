import { connect, type Socket } from "node:net";
import { type Attack, requestBytes, requestHead } from "./target.ts";

/** Twice as many as `--web.max-connections` allows. */
const connections = 10_000;
/** Milliseconds in which all of them are made, and after which one that was closed is made again. */
const rampMs = 6_000;
const reconnectMs = 5_000;
/** Milliseconds between two bytes of who sends slowly. */
const dripMs = 500;

/** What is done once connected; the result is called at every drip. */
type Manner = (socket: Socket) => () => void;

/**
 * Connections that are held open: by saying nothing, by sending headers or a body byte by byte, and by asking for scrapes
 * without reading them. Who is closed comes again.
 */
export const slowConnections: Attack = ({ ports, count }) => {
  const drips: (() => void)[] = [];
  const connectOne = (i: number) => {
    const socket = connect({ port: ports[i % ports.length] ?? 0, host: "127.0.0.1", noDelay: true });
    const manner = manners[i % manners.length] ?? silent;
    let drip = () => {};
    drips[i] = () => drip();
    socket.on("connect", () => {
      count("connected");
      drip = manner(socket);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      count("closed");
      drip = () => {};
      setTimeout(connectOne, reconnectMs, i);
    });
  };
  return () => {
    for (let i = 0; i < connections; i++) setTimeout(connectOne, (i / connections) * rampMs, i);
    // In ten parts, for an even load.
    let part = 0;
    setInterval(() => {
      part = (part + 1) % 10;
      for (let i = part; i < connections; i += 10) drips[i]?.();
    }, dripMs / 10);
  };
};

const silent: Manner = () => () => {};

const slowPush = { path: "/metrics/job/hostile-slow", length: 1_000_000 } as const;
const head = requestHead(slowPush);
const headWithoutToken = requestHead({ ...slowPush, authorization: "" });
const scrape = requestBytes({ method: "GET", path: "/metrics" });

const slowHead: Manner = (socket) => {
  let at = 0;
  return () => void socket.write(head.subarray(at, ++at));
};

const slowBody =
  (head: Buffer): Manner =>
  (socket) => {
    socket.write(head);
    return () => void socket.write("#");
  };

const unread: Manner = (socket) => {
  socket.pause();
  socket.write(scrape);
  return () => {};
};

/** How many of twenty have which. */
const manners = [
  ...Array.from({ length: 6 }, () => silent),
  ...Array.from({ length: 6 }, () => slowHead),
  ...Array.from({ length: 4 }, () => slowBody(head)),
  ...Array.from({ length: 3 }, () => slowBody(headWithoutToken)),
  unread,
];
