import type CustomMatchers from "jest-extended";
import * as matchers from "jest-extended";
import { expect } from "vitest";

// Named one by one: the package's own type also admits any misspelt matcher.
type Used =
  | "toBeEmpty"
  | "toBeFalse"
  | "toBeTrue"
  | "toBeWithin"
  | "toEndWith"
  | "toInclude"
  | "toIncludeAllMembers"
  | "toIncludeSameMembers"
  | "toStartWith";

declare module "vitest" {
  interface Assertion<R, T> extends Pick<CustomMatchers<R>, Used> {}
}

expect.extend(matchers);
