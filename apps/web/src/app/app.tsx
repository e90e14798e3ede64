import { lazy, Suspense } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { ClusterPage } from "../cluster/cluster-page.tsx";
import { GroupsPage } from "../groups/groups-page.tsx";
import { JobsPage } from "../jobs/jobs-page.tsx";
import { StatusPage } from "../status/status-page.tsx";
import { Crash } from "./crash.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { Shell } from "./shell.tsx";

// Who looks for a failed job need not load how a histogram is drawn.
const GroupPage = lazy(() => import("../group/group-page.tsx"));

export function App() {
  const [path] = useLocation();
  return (
    <Shell>
      {/* A page that has crashed does not take the others with it. */}
      <Crash key={path}>
        <Switch>
          <Route path="/">
            <Redirect to={`/groups${location.search}`} replace />
          </Route>
          <Route path="/groups" component={GroupsPage} />
          <Route path="/groups/:id">
            {({ id }) => (
              // Within the route: around all of them it would hide the page before, whose search could still lead back there.
              <Suspense fallback={<p className="page">Loading …</p>}>
                <GroupPage key={id} id={id} />
              </Suspense>
            )}
          </Route>
          <Route path="/jobs" component={JobsPage} />
          <Route path="/cluster" component={ClusterPage} />
          <Route path="/status" component={StatusPage} />
          <Route component={NotFoundPage} />
        </Switch>
      </Crash>
    </Shell>
  );
}
