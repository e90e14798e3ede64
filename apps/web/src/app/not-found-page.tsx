import { Link } from "wouter";
import { Page } from "./page.tsx";

export function NotFoundPage() {
  return (
    <Page title="There is no such page">
      <p>
        Nothing is shown at this address. The <Link href="/groups">groups</Link>, the{" "}
        <Link href="/jobs">jobs</Link> and the <Link href="/cluster">cluster</Link> are a step away.
      </p>
    </Page>
  );
}
