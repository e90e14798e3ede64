import { Counter, Registry, Summary } from "prom-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PushMeter } from "./push-meter.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const registry = new Registry();
  const common = { help: "h", registers: [registry] };
  const metrics = {
    requests: new Counter({ name: "requests", labelNames: ["code", "handler", "method"], ...common }),
    durations: new Summary({ name: "durations", labelNames: ["method"], ...common }),
    sizes: new Summary({ name: "sizes", labelNames: ["method"], ...common }),
  };
  return { meter: new PushMeter("put", metrics), read: () => registry.metrics() };
}

test.each([1, 255, 256, 257, 1000])("of %i pushes none is lost", async (pushes) => {
  const { meter, read } = setUp();
  for (let push = 0; push < pushes; push++) meter.observe({ code: 200, seconds: 0.25, bytes: 100 });
  meter.flush();
  const text = await read();
  expect(text).toContain(`requests{code="200",handler="push",method="put"} ${pushes}\n`);
  expect(text).toContain(`durations_count{method="put"} ${pushes}\n`);
  expect(text).toContain(`durations_sum{method="put"} ${pushes * 0.25}\n`);
  expect(text).toContain(`sizes_sum{method="put"} ${pushes * 100}\n`);
});

test("each is handed on once", async () => {
  const { meter, read } = setUp();
  meter.observe({ code: 200, seconds: 1, bytes: 1 });
  meter.flush();
  meter.observe({ code: 400, seconds: 2, bytes: 1 });
  meter.flush();
  meter.flush();
  const text = await read();
  expect(text).toContain('requests{code="200",handler="push",method="put"} 1\n');
  expect(text).toContain('requests{code="400",handler="push",method="put"} 1\n');
  expect(text).toContain('durations_sum{method="put"} 3\n');
});

test("none waits longer than a second, also when no other follows", async () => {
  const { meter, read } = setUp();
  for (const count of [1, 2]) {
    meter.observe({ code: 200, seconds: 1, bytes: 1 });
    vi.advanceTimersByTime(1_000);
    expect(await read()).toContain(`durations_count{method="put"} ${count}\n`);
  }
});

test("nothing is there before the first push", async () => {
  const { meter, read } = setUp();
  meter.flush();
  expect(await read()).not.toContain("put");
});
