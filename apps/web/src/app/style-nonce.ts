/**
 * What style elements made by scripts need under the page's content security policy. Dialogs lock scrolling by a style
 * element of a library that takes it from a global variable only, so it is put there too.
 */
export function styleNonce(page: Document): string {
  const nonce = page.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? "";
  Object.assign(globalThis, { __webpack_nonce__: nonce });
  return nonce;
}
