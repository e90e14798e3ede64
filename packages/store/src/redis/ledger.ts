/** The ledger in the hash `federation` of the store. */
import type { Ledger, PeerRecord } from "../replication/ledger.ts";
import { flag, text } from "./reply.ts";
import { loadScript } from "./script-loader.ts";
import type { ScriptRunner } from "./script-runner.ts";

export function createRedisLedger(run: ScriptRunner): Ledger {
  const scripts = {
    acquire: loadScript("acquire-lease"),
    release: loadScript("release-lease"),
    read: loadScript("read-peer"),
    save: loadScript("save-peer"),
  };
  return {
    async acquire(peer, owner, ttlMs) {
      const fence = await run(scripts.acquire, [peer, owner, String(Math.ceil(ttlMs))]);
      return fence === null ? null : { peer, owner, fence: Number(text(fence)) };
    },

    async release({ peer, fence }) {
      await run(scripts.release, [peer, String(fence)]);
    },

    async read(peer) {
      const record = await run(scripts.read, [peer]);
      return record === null ? null : (JSON.parse(text(record)) as PeerRecord); // written by save
    },

    async save({ peer, fence }, record) {
      return flag(await run(scripts.save, [peer, String(fence), JSON.stringify(record)]));
    },
  };
}
