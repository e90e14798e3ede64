/**
 * The address without the user and password that `https://user:password@host/` has in it. On a page opened like that,
 * `fetch` refuses relative addresses, modules are loaded twice, and commands to be copied would show the password.
 */
export function plainAddress(address: string): string {
  const url = new URL(address);
  url.username = "";
  url.password = "";
  return url.href;
}
