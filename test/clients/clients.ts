import type { Client } from "./client.ts";
import { curl } from "./curl/client.ts";
import { go } from "./go/client.ts";
import { java } from "./java/client.ts";
import { node } from "./node/client.ts";
import { php } from "./php/client.ts";
import { pushfleet } from "./pushfleet/client.ts";
import { python } from "./python/client.ts";
import { dotnet } from "./replayed/dotnet.ts";
import { powershell } from "./replayed/powershell.ts";
import { ruby } from "./ruby/client.ts";
import { rust } from "./rust/client.ts";

/** In the order of the table. */
export const clients: readonly Client[] = [
  python,
  ...go,
  node,
  ...java,
  rust,
  ruby,
  php,
  dotnet,
  powershell,
  curl,
  pushfleet,
];
