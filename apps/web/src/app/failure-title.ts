import { ApiFailure } from "../api/failure.ts";

/**
 * What went wrong, in a few words.
 *
 * @param doing What the reader wanted, as it follows "to".
 */
export function failureTitle(error: Error, doing = "see this"): string {
  if (!(error instanceof ApiFailure)) return "Something went wrong on this page";
  switch (error.code) {
    case "unauthenticated":
      return `You have to sign in to ${doing}`;
    case "forbidden":
      return `You are not allowed to ${doing}`;
    case "unavailable":
      return "The store is unavailable, and what was last known of it is too old to show";
    case "unreachable":
      return "The gateway cannot be reached";
    case "not_found":
      return "Not found";
    case "bad_data":
      return "The gateway does not understand the request";
    case "too_many":
      return "Too much at once";
    case "too_often":
      return "Too many requests";
    case "method_not_allowed":
    case "internal":
    case "unreadable":
      return "The gateway could not answer";
    default:
      return error.code satisfies never;
  }
}

/** Whether it is the reader, and not the request or the gateway, that has to be another. */
export function isDenial(error: Error): boolean {
  return error instanceof ApiFailure && (error.code === "unauthenticated" || error.code === "forbidden");
}
