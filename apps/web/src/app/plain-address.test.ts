import { expect, test } from "vitest";
import { createApi } from "../api/client.ts";
import { deleteCommand } from "../group/commands.ts";
import { plainAddress } from "./plain-address.ts";

test.each([
  ["https://gateway.example/", "https://gateway.example/"],
  [
    "https://alice:s3cret@gateway.example:8443/prefix/groups?match=a%40b#c",
    "https://gateway.example:8443/prefix/groups?match=a%40b#c",
  ],
  ["http://alice@[::1]:9091/", "http://[::1]:9091/"],
  ["http://:p%40ss%2F@127.0.0.1/", "http://127.0.0.1/"],
])("%s is %s without user and password", (address, plain) => {
  expect(plainAddress(address)).toBe(plain);
});

test("a command to be copied is for the address that the page is at", () => {
  const base = plainAddress("https://alice:s3cret@gateway.example/prefix/");
  const api = createApi({ base, observe: () => {}, onSignedOut: () => {} });
  expect(deleteCommand(api.addressOf("/metrics/job/a%2Fb"))).toBe(
    "curl -X DELETE 'https://gateway.example/prefix/metrics/job/a%2Fb'",
  );
});
