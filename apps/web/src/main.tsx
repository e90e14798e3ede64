import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { ApiProvider } from "./api/api-context.tsx";
import { createApi } from "./api/client.ts";
import "./app/mantine.css";
import "./app/app.css";
import { App } from "./app/app.tsx";
import { plainAddress } from "./app/plain-address.ts";
import { styleNonce } from "./app/style-nonce.ts";
import { theme } from "./app/theme.ts";
import { ClockProvider } from "./clock/clock-context.tsx";
import { StoreClock } from "./clock/store-clock.ts";
import { ChangeFeed } from "./live/change-feed.ts";
import { LiveProvider } from "./live/live-context.tsx";

// The browser remembers the user and password of an address and asks with them when they are no longer in it.
const address = plainAddress(document.URL);
if (address === document.URL) start();
else location.replace(address);

function start(): void {
  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no #root");

  const base = document.baseURI;
  const nonce = styleNonce(document);
  const clock = new StoreClock();
  const feed = new ChangeFeed(new URL("api/v1/events", base).href);
  // Browsers ask for a password with each request that is refused: without the reader's doing there are to be no more.
  const api = createApi({ base, observe: clock.observe, onSignedOut: () => feed.pause() });
  feed.start();

  // What is shown is told to be stale by the feed; failures are shown at once, and tried again with the next change.
  const queryClient = new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        staleTime: Number.POSITIVE_INFINITY,
      },
      mutations: { networkMode: "always" },
    },
  });

  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <Notifications position="bottom-right" />
        <QueryClientProvider client={queryClient}>
          <ApiProvider value={api}>
            <ClockProvider value={clock}>
              <LiveProvider value={feed}>
                <Router base={new URL(base).pathname.replace(/\/$/, "")}>
                  <App />
                </Router>
              </LiveProvider>
            </ClockProvider>
          </ApiProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
