import type { ConformanceCase } from "../conformance/case.ts";

/** The bodies that the cases push. */
export function bodiesOf(cases: readonly ConformanceCase[]): readonly Buffer[] {
  return cases.flatMap(({ steps }) =>
    steps.flatMap(({ body }) => (body === undefined ? [] : [Buffer.from(body as Uint8Array)])),
  );
}
