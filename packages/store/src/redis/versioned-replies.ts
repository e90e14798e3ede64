/** Reads groups as the scripts tell them for other regions (lua/include/versioned.lua). */
import type { Label } from "@pushfleet/exposition";
import type { GroupId } from "@pushfleet/groups";
import type {
  GroupVersions,
  Life,
  ShippedFamily,
  VersionedFamily,
  VersionedGroup,
} from "../replication/replication.ts";
import { latest, type RegionId } from "../replication/version.ts";
import { decodeLayout, leftoverHead, withoutMark } from "./pushed-families.ts";
import type { FamilyReader } from "./replies.ts";
import { bytes, isList, number, type Reply, text } from "./reply.ts";
import { eventOf, versionOf } from "./stored-versions.ts";

/** `replies` are an id and a group, again and again. */
export function shippedGroups(
  replies: readonly Reply[],
  own: RegionId,
  readFamilies: FamilyReader,
): VersionedGroup<ShippedFamily>[] {
  return eachGroup(replies, own, (layout, pushed, pushedAt, leftovers) =>
    readFamilies({
      layout: bytes(layout),
      pushed: bytes(pushed),
      pushedAtMicros: pushedAt?.version.micros ?? 0,
      region: pushedAt?.version.region,
      leftovers: leftovers.map(bytes),
    }).map((family) => {
      const version = { micros: family.pushedAtMicros, region: family.region ?? own };
      return { name: family.name, version, family };
    }),
  );
}

/** The same without contents. */
export function groupVersions(replies: readonly Reply[], own: RegionId): GroupVersions[] {
  return eachGroup(replies, own, (layout, _, pushedAt, leftovers) => {
    const families: VersionedFamily[] = leftovers.map((leftover) => {
      const { micros, region = own, name } = leftoverHead(bytes(leftover));
      return { name, version: { micros, region } };
    });
    if (pushedAt === null) return families;
    const { version } = pushedAt;
    for (const { name } of decodeLayout(withoutMark(text(layout)))) families.push({ name, version });
    return families;
  });
}

function eachGroup<Family extends VersionedFamily>(
  replies: readonly Reply[],
  own: RegionId,
  readFamilies: (
    layout: Reply | undefined,
    pushed: Reply | undefined,
    pushedAt: ReturnType<typeof eventOf>,
    leftovers: readonly Reply[],
  ) => Family[],
): VersionedGroup<Family>[] {
  const groups: VersionedGroup<Family>[] = [];
  for (let at = 0; at < replies.length; at += 2) {
    const id = text(replies[at]) as GroupId; // the store holds no other ids
    const group = replies[at + 1];
    if (!isList(group)) {
      groups.push({ id, ...goneGroup(text(group), own) });
      continue;
    }
    const [labels, pushedAt, failedAt, expiresAt, floor, deleted, life, layout, pushed, ...leftovers] = group;
    const event = eventOf(text(pushedAt), own);
    const failed = eventOf(text(failedAt), own);
    groups.push({
      id,
      labels: JSON.parse(text(labels)) as readonly Label[], // written by us
      floor: versionOf(text(floor), own),
      deleted: versionOf(text(deleted), own),
      life: lifeOf(event ?? failed, event, versionOf(text(life), own), number(expiresAt)),
      pushed: event,
      failed,
      families: readFamilies(layout, pushed, event, leftovers),
    });
  }
  return groups;
}

function lifeOf(
  oldest: ReturnType<typeof eventOf>,
  pushed: ReturnType<typeof eventOf>,
  created: ReturnType<typeof versionOf>,
  expiresAt: number,
): Life | null {
  const version =
    created === null ? oldest?.version : pushed === null ? created : latest(pushed.version, created);
  return version === undefined ? null : { version, expiresAtMs: expiresAt === 0 ? null : expiresAt };
}

/** `tombstone` as lua/include/versions.lua tells. */
function goneGroup(tombstone: string, own: RegionId): Omit<VersionedGroup<never>, "id"> {
  const [floor = "0", deleted = floor, life = "0", expiresAt = "0", ...failed] = tombstone.split(" ");
  const lived = versionOf(life, own);
  return {
    labels: null,
    floor: versionOf(floor, own),
    deleted: versionOf(deleted, own),
    life: lived && { version: lived, expiresAtMs: expiresAt === "0" ? null : Number(expiresAt) },
    pushed: null,
    failed: eventOf(failed.join(" ") || "0", own),
    families: [],
  };
}
