import { PushConnection } from "./push-connection.ts";
import type { Region } from "./region.ts";
import { steadyGroup } from "./steady-load.ts";

const connections = 16;

/** Pushes each of so many groups once, half of them to each of two regions. Fails when one is not acknowledged. */
export async function changeGroups(
  [first, second]: readonly [Pick<Region, "url">, Pick<Region, "url">],
  count: number,
  value: number,
): Promise<void> {
  let next = 0;
  const push = async (region: Pick<Region, "url">) => {
    using connection = new PushConnection(region.url);
    for (let group = next++; group < count; group = next++) {
      const path = steadyGroup("changed", group);
      const status = await connection.send(
        "PUT",
        path,
        `# TYPE steady_sequence gauge\nsteady_sequence ${value}\n`,
      );
      if (status !== 200) throw new Error(`a push was answered ${status}`);
    }
  };
  await Promise.all(
    Array.from({ length: connections }, (_, index) => push(index % 2 === 0 ? first : second)),
  );
}

/** For `lacks`: that all these groups show the value. */
export function changedGroups(count: number, value: number): ReadonlyMap<string, number> {
  return new Map(Array.from({ length: count }, (_, group) => [`changed/${group}`, value]));
}
