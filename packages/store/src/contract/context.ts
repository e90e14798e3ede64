import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import { expect } from "vitest";
import type { StoreUnderTest } from "../store.contract.ts";
import type { GroupStore, InconsistencyCode } from "../store.ts";
import { Reader, type ReadGroup } from "./reader.ts";

/** What the tests of the contract share: the store of the running test, and ways to look into it. */
export interface ContractContext {
  readonly subject: StoreUnderTest;
  /** That of the subject now. */
  readonly store: GroupStore;
  /** Folds the whole feed from the beginning. */
  stored(): Promise<Map<GroupId, ReadGroup>>;
  /** Fails when there is no such group. */
  storedGroup(wanted: Group): Promise<ReadGroup>;
}

export function createContext(current: () => StoreUnderTest): ContractContext {
  const stored = async (): Promise<Map<GroupId, ReadGroup>> => {
    const reader = new Reader(current().store);
    await reader.sync();
    return reader.groups;
  };
  return {
    get subject() {
      return current();
    },
    get store() {
      return current().store;
    },
    stored,
    async storedGroup(wanted) {
      const state = (await stored()).get(wanted.id);
      if (state === undefined) throw new Error(`no group ${wanted.key}`);
      return state;
    },
  };
}

/** The texts of its families, sorted. */
export function texts(state: ReadGroup | undefined): string[] {
  return (state?.families ?? []).map(({ text }) => text).sort();
}

/** Merges, because that is the stricter mode: nothing of the group is dropped. */
export async function expectConflict(
  store: GroupStore,
  target: Group,
  families: readonly AdmittedFamily[],
  code: InconsistencyCode,
): Promise<Error> {
  const error = await store.push(target, families, { mode: "merge" }).then(
    () => new Error(`no ${code}`),
    (reason: Error) => reason,
  );
  expect(error).toMatchObject({ name: "InconsistentPush", code });
  return error;
}

export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}
