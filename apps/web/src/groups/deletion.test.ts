import { expect, test } from "vitest";
import { deleteEach } from "./deletion.ts";

const groups = Array.from({ length: 10 }, (_, index) => ({ labels: { job: `j${index}` } }));

test("each group is deleted once by its own path, and progress is told", async () => {
  const paths: string[] = [];
  const progress: number[] = [];
  const api = {
    deleteGroup: async (path: string) => {
      paths.push(path);
    },
  };
  const result = await deleteEach(api, groups, (done) => progress.push(done));
  expect(result).toEqual({ deleted: 10, errors: [] });
  expect(paths.sort()).toEqual(groups.map(({ labels }) => `/metrics/job/${labels.job}`));
  expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("a group that cannot be deleted does not keep the others", async () => {
  const api = {
    deleteGroup: async (path: string) => {
      if (path.endsWith("j3")) throw new Error("no");
    },
  };
  const { deleted, errors } = await deleteEach(api, groups, () => {});
  expect([deleted, errors.map(({ message }) => message)]).toEqual([9, ["no"]]);
});
