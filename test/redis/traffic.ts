import type { HttpServer } from "../support/reference.ts";

/** Pushes one gauge with a label `via` into the group of the job `redis`. Rejects with status and body unless that is answered 200. */
export async function push({ url }: HttpServer, name: string, via: string): Promise<void> {
  const body = `# TYPE ${name} gauge\n${name}{via="${via}"} 1\n`;
  const response = await fetch(`${url}/metrics/job/redis/name/${name}`, { method: "PUT", body });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
}

export async function scrape({ url }: HttpServer): Promise<string> {
  return await (await fetch(`${url}/metrics`)).text();
}
