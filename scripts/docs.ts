// `npm run docs`: writes the generated documents.

import { writeFileSync } from "node:fs";
import { configurationDocument, gatewayOptions } from "@pushfleet/config";

writeFileSync(new URL("../docs/configuration.md", import.meta.url), configurationDocument(gatewayOptions));
