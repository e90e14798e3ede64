import { Alert } from "@mantine/core";
import { IconAlertTriangle, IconEyeOff } from "@tabler/icons-react";
import { Link } from "wouter";
import type { Group } from "../api/types.ts";
import { Age } from "../clock/age.tsx";
import { counted, formatBytes, formatCount } from "../format/quantity.ts";
import { GroupLabels } from "../groups/group-labels.tsx";
import { RegionBadge } from "../groups/region.tsx";
import { selectorOf } from "../groups/selector.ts";
import { TimeLeft } from "../groups/time-left.tsx";

/** What is to be known of a group before its metrics. */
export function GroupSummary({ group }: { readonly group: Group }) {
  const {
    labels,
    last_push,
    last_failure,
    failing,
    families,
    series,
    bytes,
    region,
    hidden_families = 0,
  } = group;
  const job = labels["job"] ?? "";
  return (
    <section className="card" aria-label="Summary">
      <GroupLabels labels={labels} wraps />
      {failing ? <FailingAlert group={group} /> : null}
      {hidden_families === 0 ? null : <HiddenAlert families={hidden_families} />}
      <dl className="facts">
        <Fact name="Last push">
          {last_push === null ? (
            "none succeeded"
          ) : (
            <>
              <Age time={last_push} />{" "}
              <span className="dimmed">({new Date(last_push).toLocaleString()})</span>
            </>
          )}
        </Fact>
        {region === undefined ? null : (
          <Fact name="Region of the last push">
            {region === null ? <span className="dimmed">none</span> : <RegionBadge region={region} />}
          </Fact>
        )}
        <Fact name="Last refused push">{last_failure === null ? "none" : <Age time={last_failure} />}</Fact>
        <Fact name="Expires in">
          <TimeLeft group={group} />
        </Fact>
        <Fact name="Families">{formatCount(families)}</Fact>
        <Fact name="Series">{formatCount(series)}</Fact>
        <Fact name="Size">{formatBytes(bytes)}</Fact>
        <Fact name="Job">
          <Link href={`/groups?${new URLSearchParams({ match: selectorOf("job", job) })}`}>
            all groups of {job}
          </Link>
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function HiddenAlert({ families }: { readonly families: number }) {
  return (
    <Alert
      color="yellow"
      mt="sm"
      icon={<IconEyeOff aria-hidden="true" />}
      title={`Scrapes do not show ${counted(families, "family", "families")} in full`}
      classNames={{ message: "alert-text", title: "alert-text" }}
    >
      Another group, pushed to in another region, has had a family or series before that collides with one of
      this group, and the older one is shown. Below it says which, and why.
    </Alert>
  );
}

function FailingAlert({ group: { last_failure, last_push } }: { readonly group: Group }) {
  return (
    <Alert
      color="red"
      mt="sm"
      icon={<IconAlertTriangle aria-hidden="true" />}
      title="The last push was refused"
      classNames={{ message: "alert-text", title: "alert-text" }}
    >
      {last_failure === null ? null : <Age time={last_failure} />}: its metrics were not taken, because they
      are inconsistent with themselves or with those of other groups. The client got the reason with status
      400.{" "}
      {last_push === null
        ? "No push has succeeded yet."
        : "The metrics below are those of the pushes that were taken before."}
    </Alert>
  );
}
