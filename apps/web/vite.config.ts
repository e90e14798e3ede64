import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Where `vite` without a build finds the API while one works on the UI: a gateway with its defaults. */
const gateway = "http://127.0.0.1:9091";

export default defineConfig({
  root: import.meta.dirname,
  // Relative, because the gateway says in the page's base what prefix it is served under.
  base: "./",
  plugins: [react(), blockRenderingOnScript()],
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // The policy of the page allows fonts from files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.md" },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": gateway, "/metrics": gateway } },
});

/** Without it the page would be painted once before the script knows that its reader wants it dark. */
function blockRenderingOnScript(): Plugin {
  return {
    name: "block-rendering-on-script",
    transformIndexHtml: {
      order: "post",
      handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
    },
  };
}
