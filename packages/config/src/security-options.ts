import { isIP } from "node:net";
import { InvalidValue, list, type Option, value } from "./option.ts";
import { text, withoutCredentials } from "./values.ts";

/** Whom the gateway believes what, and where it notes who did what. */
export const securityOptions = {
  "web.trusted-proxies": list(network, [], {
    placeholder: "CIDR",
    help: "Networks of proxies whose X-Forwarded-For and X-Forwarded-Host are believed, such as 10.0.0.0/8. Repeatable.",
  }),
  "web.trusted-origins": list(origin, [], {
    placeholder: "URL",
    help: "Origins of web pages, beside this gateway's own and --web.external-url, that may push and delete from a browser, such as https://tools.example.com. Repeatable.",
  }),
  "audit.log": value(text, "", {
    placeholder: "FILE",
    help: "File that every push, deletion and administrative request is noted in, accepted or not, in the form of --log.format. Opened anew on SIGHUP. Empty: none.",
  }),
} as const satisfies Record<string, Option<unknown>>;

function network(given: string): string {
  const [address = "", bits] = given.split("/");
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (version !== 0 && isPrefix) return given;
  throw new InvalidValue(`must be an address or a network such as 10.0.0.0/8, got "${given}"`);
}

function origin(given: string): string {
  const url = URL.parse(given);
  if (url !== null && /^https?:$/.test(url.protocol) && given.replace(/\/$/, "").toLowerCase() === url.origin)
    return url.origin;
  throw new InvalidValue(
    `must be an origin such as https://tools.example.com, got "${withoutCredentials(given)}"`,
  );
}
