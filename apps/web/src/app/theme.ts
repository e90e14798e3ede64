import { createTheme } from "@mantine/core";

/** Mantine's own look with the font and the sizes of Prometheus' web UI. Colours of our own are in app.css. */
export const theme = createTheme({
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: { fontFamily: '"Inter Variable", system-ui, sans-serif' },
  primaryShade: { light: 7, dark: 8 },
  respectReducedMotion: true,
});
