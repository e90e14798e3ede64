// `npm run docs`: writes the generated documents.

import { writeFileSync } from "node:fs";
import { generatedDocuments } from "./documents.ts";

for (const [path, text] of generatedDocuments()) writeFileSync(new URL(`../${path}`, import.meta.url), text);
