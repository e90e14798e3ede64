/** What every store of a region keeps (see replication/replication.ts), as tests. Each implementation runs it from a test file of its own. */
import { afterEach, beforeEach, describe } from "vitest";
import { describeCollisions } from "./replication-collisions.ts";
import {
  here,
  ReplicationContext,
  type ReplicationOptions,
  type ReplicationUnderTest,
} from "./replication-context.ts";
import { describeEnds } from "./replication-ends.ts";
import { describeMerging } from "./replication-merging.ts";
import { describeOwnVersions } from "./replication-own.ts";
import { describeTelling } from "./replication-telling.ts";

export function describeReplicationContract(
  name: string,
  open: (options: ReplicationOptions) => Promise<ReplicationUnderTest>,
): void {
  describe(`${name} keeps the contract of replication`, () => {
    let subject: ReplicationUnderTest;
    beforeEach(async () => {
      subject = await open({ region: here });
    });
    afterEach(async () => {
      await subject[Symbol.asyncDispose]();
    });

    const context = new ReplicationContext(() => subject, open);
    describeOwnVersions(context);
    describeMerging(context);
    describeCollisions(context);
    describeEnds(context);
    describeTelling(context);
  });
}
