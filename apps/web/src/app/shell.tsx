import { IconBriefcase, IconInfoCircle, IconServer, IconStack2 } from "@tabler/icons-react";
import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { LiveIndicator } from "../live/live-indicator.tsx";
import { ColourSchemeSwitch } from "./colour-scheme-switch.tsx";
import icon from "./icon.svg";
import { StaleBanner } from "./stale-banner.tsx";
import "./shell.css";

const pages = [
  { path: "/groups", name: "Groups", Icon: IconStack2 },
  { path: "/jobs", name: "Jobs", Icon: IconBriefcase },
  { path: "/cluster", name: "Cluster", Icon: IconServer },
  { path: "/status", name: "Status", Icon: IconInfoCircle },
] as const;

/** What every page has around it. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const main = useRef<HTMLElement>(null);
  useFocusAfterLinks(main);
  return (
    <>
      <button type="button" className="skip-link" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header className="header">
        <Link className="brand" href="/groups" aria-label="Pushfleet">
          <img src={icon} alt="" width="26" height="26" />
          <span>Pushfleet</span>
        </Link>
        <Navigation />
        <LiveIndicator />
        <ColourSchemeSwitch />
      </header>
      <main ref={main} tabIndex={-1}>
        <StaleBanner />
        {children}
      </main>
    </>
  );
}

/** After a link the focus would be on what is no longer there: it goes to the new page's begin. A first page leaves it alone. */
function useFocusAfterLinks(main: RefObject<HTMLElement | null>): void {
  const [path] = useLocation();
  const shown = useRef(path);
  useEffect(() => {
    const isRedirect = shown.current === "/";
    if (path === shown.current) return;
    shown.current = path;
    if (isRedirect) return;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path, main]);
}

function Navigation() {
  const [path] = useLocation();
  return (
    <nav aria-label="Pages">
      {pages.map(({ path: target, name, Icon }) => {
        const isCurrent = path === target || path.startsWith(`${target}/`);
        return (
          <Link
            key={target}
            href={target}
            className="header-link"
            aria-current={isCurrent ? "page" : undefined}
          >
            <Icon size={16} aria-hidden="true" />
            {name}
          </Link>
        );
      })}
    </nav>
  );
}
