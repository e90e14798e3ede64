import type { Group } from "../api/types.ts";
import { counted } from "../format/quantity.ts";
import "./groups.css";

/** The region as a badge. */
export function RegionBadge({ region }: { readonly region: string }) {
  return <span className="region-badge">{region}</span>;
}

/** Where the last push was made, and whether scrapes show all of the group. */
export function GroupRegion({ group: { region, hidden_families = 0 } }: { readonly group: Group }) {
  return (
    <>
      {typeof region === "string" ? <RegionBadge region={region} /> : <span className="dimmed">none</span>}
      {hidden_families === 0 ? null : (
        <>
          {" "}
          <span
            className="pill"
            data-tone="warn"
            title={`Scrapes do not show ${counted(hidden_families, "family", "families")} of this group in full, because of older ones of another group.`}
          >
            hidden
          </span>
        </>
      )}
    </>
  );
}
