/** Run by persistence.test.ts as a process of its own: pushes to the store in the given file and says what was acknowledged. */
import { gauge, group } from "../contract/families.ts";
import { createEmbeddedStore } from "./store.ts";

const store = await createEmbeddedStore({ file: process.argv[2] ?? "" });

async function pushForever(pusher: number): Promise<never> {
  const own = group({ job: "killed", instance: `${pusher}` });
  for (let number = 1; ; number++) {
    await store.push(own, [gauge(own, "m", number), gauge(own, "n", number)], { mode: "replace" });
    process.stdout.write(`${pusher} ${number}\n`);
  }
}

await Promise.all([0, 1, 2, 3].map(pushForever));
