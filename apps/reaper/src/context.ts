import { type ReaperConfig, redisSettings } from "@pushfleet/config";
import {
  type Build,
  createLogger,
  createTelemetry,
  identifyProcess,
  type LineSink,
} from "@pushfleet/runtime";
import { createRedisUpkeep, StoreUnavailable, startHeartbeat } from "@pushfleet/store";
import { StartError, type WorkerContext, watchRedis } from "@pushfleet/worker";
import { queueConnection } from "./queue-connection.ts";
import { createSweepReports } from "./reports.ts";
import { createSweeper } from "./sweep.ts";
import { scheduleSweeps } from "./worker.ts";

/** How often the schedule is put right, if it is gone. */
const upholdEveryMs = 10_000;

/**
 * Builds all that one reaper is made of from checked settings. It sweeps from then on; `stop` ends a sweep under way after its
 * batch. Rejects StartError when Redis cannot be used.
 */
export async function createContext(
  config: ReaperConfig,
  { build, sink }: { build: Build; sink: LineSink },
): Promise<WorkerContext> {
  const settings = redisSettings(config);
  if (settings === undefined) {
    throw new StartError(
      "--redis.url or --redis.sentinels is needed: without Redis a gateway sweeps by itself",
    );
  }
  if (config["sweep.interval"] === 0) throw new StartError("--sweep.interval: must be above zero");
  const option = "url" in settings ? "--redis.url" : "--redis.sentinels";
  const upkeep = await createRedisUpkeep(settings).catch((error: unknown) => {
    throw new StartError(`${option}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  });

  const log = createLogger({ level: config["log.level"], format: config["log.format"], sink });
  const telemetry = createTelemetry(build);
  const health = watchRedis({
    store: upkeep,
    log,
    onBack: () => void uphold(),
    // A Redis that is full takes no jobs and no pushes, but sweeps: nothing else can help it.
    duringOutage: () => void sweep(),
  });
  telemetry.gauge("pushfleet_reaper_up", "Whether Redis answers this reaper.", () => (health.isUp() ? 1 : 0));
  const reports = createSweepReports({ log, telemetry });
  const sweeper = createSweeper({ upkeep, auditIntervalMs: config["audit.interval"] });
  const stopping = new AbortController();

  const schedule = scheduleSweeps({
    connection: queueConnection(settings, { jobEveryMs: config["sweep.interval"] }),
    keyPrefix: upkeep.reaperKeyPrefix,
    intervalMs: config["sweep.interval"],
    async sweep() {
      if ((await sweep()) === "unavailable") await health.check();
    },
    // Redis' outages are told by `health`, and a job that another reaper took over by the sweep that was overtaken.
    onError: (error) => log.debug({ err: error }, "the job queue complains"),
  });

  let isSweeping = false;
  async function sweep(): Promise<"done" | "unavailable"> {
    if (isSweeping) return "done"; // or will be
    isSweeping = true;
    const begin = performance.now();
    try {
      reports.add(await sweeper.sweep(stopping.signal), (performance.now() - begin) / 1000);
    } catch (error) {
      if (error instanceof StoreUnavailable) return "unavailable";
      log.error({ err: error }, "a sweep failed");
    } finally {
      isSweeping = false;
    }
    return "done";
  }

  async function uphold(): Promise<void> {
    if (!health.isUp()) return;
    try {
      await schedule.uphold();
    } catch (error) {
      // What fails in an outage is told by `health`.
      if (await health.check()) log.error({ err: error }, "sweeps cannot be scheduled");
    }
  }
  await uphold();
  const upholding = setInterval(() => void uphold(), upholdEveryMs);

  const identity = identifyProcess(config["web.listen-address"]);
  const heartbeat = startHeartbeat(upkeep.cluster, () => ({
    kind: "reaper",
    ...identity,
    version: build.version,
    uptimeMs: Math.round(process.uptime() * 1000),
    isStopping: stopping.signal.aborted,
    sweepAgeMs: reports.lastSweepAgeMs(),
  }));

  return {
    log,
    telemetry,
    health,
    isStopping: () => stopping.signal.aborted,
    async stop() {
      stopping.abort();
      health.stop();
      clearInterval(upholding);
      // BullMQ would wait for ever for a Redis that died a moment ago.
      const closed = health.check().then((isUp) => schedule.close({ waits: isUp }));
      await Promise.all([closed, heartbeat.stop()]);
      upkeep.close();
    },
  };
}
