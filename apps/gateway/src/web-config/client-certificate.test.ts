import { expect, test } from "vitest";
import { sansOf } from "./client-certificate.ts";

test("names are told as Go writes them", () => {
  const text =
    "DNS:a.example, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:1:0:0:1, " +
    "URI:spiffe://example.org/job, email:jobs@example.org";
  expect(sansOf(text)).toEqual([
    "a.example",
    "10.0.0.1",
    "::1",
    "2001:db8::1:0:0:1",
    "spiffe://example.org/job",
    "jobs@example.org",
  ]);
});

test("names of other kinds do not count", () => {
  expect(sansOf('DirName:"/C=DE, CN=a.example", othername:<unsupported>, DNS:b.example')).toEqual([
    "b.example",
  ]);
});

test("a name cannot pass itself off as several", () => {
  expect(sansOf('URI:"http://x/, DNS:admin.example", DNS:b.example')).toEqual([
    "http://x/, DNS:admin.example",
    "b.example",
  ]);
  expect(sansOf('DNS:"a\\", DNS:admin.example"')).toEqual(['a", DNS:admin.example']);
});

test.each(["", "nonsense", 'DNS:"open', "DNS:a,DNS:b"])("%j has no names", (text) => {
  expect(sansOf(text)).toEqual([]);
});
