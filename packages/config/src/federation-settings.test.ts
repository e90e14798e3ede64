import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadConfigFileParser } from "./config-file.ts";
import type { PeerRule } from "./federation-document.ts";
import { federationSettings } from "./federation-settings.ts";
import { federatorOptions } from "./federator-options.ts";
import { gatewayOptions } from "./options.ts";
import { readOptions, UsageError } from "./read.ts";

const directory = mkdtempSync(join(tmpdir(), "pushfleet-config-"));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string) => {
  const path = join(directory, name);
  writeFileSync(path, "x");
  return path;
};

const parse = await loadConfigFileParser((text) => text);
const peersOf = (text: string) => parse(text, "f.yml").federation.peers;
const settings = (args: readonly string[], peers: readonly PeerRule[] = []) =>
  federationSettings(readOptions(federatorOptions, args, {}).config, peers);
const here = "--federation.region=here";
const there = "--federation.peers=there=https://there.example.com";

test("peers come from flags and file together, each with what is to be shown to it", () => {
  const [all, own, ca, cert, key] = ["all", "own", "ca", "cert", "key"].map(file);
  const peers = peersOf(
    `federation:\n  peers:\n    - {id: north, url: "http://n:9091/prefix/"}\n    - {id: south, url: "https://s", token_file: ${own}, cert_file: ${cert}, key_file: ${key}}\n`,
  );
  const { region, peers: known } = settings(
    [here, `${there}/`, `--federation.token-file=${all}`, `--federation.ca-file=${ca}`],
    peers,
  );
  expect(region).toBe("here");
  const none = { caFile: ca, certFile: "", keyFile: "" };
  expect(known).toEqual([
    { id: "there", url: "https://there.example.com", tokenFile: all, ...none },
    { id: "north", url: "http://n:9091/prefix", tokenFile: all, ...none },
    { id: "south", url: "https://s", tokenFile: own, caFile: ca, certFile: cert, keyFile: key },
  ]);
});

test.each<[readonly string[], string]>([
  [[there], "--federation.region is needed: it says which region this is"],
  [[here], "--federation.peers or federation.peers in --config.file is needed: there is nobody to ship to"],
  [
    [here, "--federation.peers=here=http://h"],
    '--federation.peers has "here", which is this region itself (--federation.region)',
  ],
  [
    [here, there, there],
    '--federation.peers has the region "there" more than once, or --config.file has it as well',
  ],
  [
    [here, there, "--federation.cert-file=x"],
    "--federation.cert-file and --federation.key-file need each other",
  ],
  [
    [here, there, "--federation.token-file=/nowhere"],
    '--federation.token-file, for the region "there": ENOENT',
  ],
  [["--federation.region=Here"], "--federation.region must be a region such as eu-west"],
  [[`--federation.region=${"a".repeat(33)}`], "--federation.region must be a region such as eu-west"],
  [["--federation.peers=there"], "--federation.peers must be ID=URL"],
  [["--federation.peers=9=http://h"], "--federation.peers must be a region such as eu-west"],
  [["--federation.peers=a=ftp://h"], '--federation.peers must be an http or https URL, got "ftp://h"'],
  [["--federation.peers=a=http://u:secret@h"], "--federation.peers must have no user name or password"],
  [["--federation.peers=a=u:secret@h"], '--federation.peers must be an http or https URL, got "…@h"'],
  [["--federation.peers=a=http://h?x=y"], "--federation.peers must be a URL without query and fragment"],
  [["--federation.tombstone-retention=0"], "--federation.tombstone-retention must be more than 0"],
])("%j is refused: %s", (args, problem) => {
  expect(() => settings(args)).toThrow(UsageError);
  expect(() => settings(args)).toThrow(problem);
});

test.each([
  ["federation: {peers: [{id: a}]}", "federation.peers[0].url is missing"],
  ["federation: {peers: [{id: A, url: 'http://h'}]}", "federation.peers[0].id must be a region"],
  ["federation: {peers: [{id: a, url: h}]}", "federation.peers[0].url must be an http or https URL"],
  [
    "federation: {peers: [{id: a, url: 'http://h', cert_file: x}]}",
    "federation.peers[0].cert_file needs a key_file",
  ],
  [
    "federation: {peers: [{id: a, url: 'http://h'}, {id: a, url: 'http://i'}]}",
    'federation.peers[1].id names the region "a" once more',
  ],
  ["federation: {peer: []}", "federation.peer is not a setting"],
])("%s is refused: %s", (text, problem) => {
  expect(() => peersOf(text)).toThrow(`f.yml:1: ${problem}`);
});

test("a file without peers has none", () => {
  for (const text of ["", "federation:\n", "federation: {peers: }\n"]) expect(peersOf(text)).toBeEmpty();
});

test("peers are shown as they are given", () => {
  const option = federatorOptions["federation.peers"];
  expect(option.format(option.parse("a=http://h/"))).toBe("a=http://h");
});

test.each(["job", "instance", "le", "quantile", "__x", "1a", "a-b"])(
  "%s is no label for origins",
  (label) => {
    const read = () => readOptions(gatewayOptions, [`--scrape.origin-label=${label}`], {});
    expect(read).toThrow("--scrape.origin-label must be a label name such as region");
  },
);

test("a gateway belongs to no region unless told so", () => {
  const { config } = readOptions(gatewayOptions, [], {});
  expect(config["federation.region"]).toBe("");
  expect(config["scrape.regions"]).toBe("all");
  expect(config["federation.tombstone-retention"]).toBe(86_400_000);
});
