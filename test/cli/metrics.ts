/** The samples of a gateway's scrape by their series, without what the gateway adds. */
export async function scraped(url: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = text
    .split("\n")
    .filter((line) => line !== "" && !/^(?:#|push(?:gateway|fleet|_(?:failure_)?time_seconds))/.test(line))
    .map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))] as const;
    });
  return new Map(samples);
}

/** The metrics of one job, by their names. */
export async function metricsOf(url: string, job: string): Promise<Readonly<Record<string, number>>> {
  const all = await scraped(url);
  return Object.fromEntries(
    [...all]
      .filter(([series]) => series.includes(`job="${job}"`))
      .map(([series, value]) => [series.replace(/\{.*/, ""), value]),
  );
}
