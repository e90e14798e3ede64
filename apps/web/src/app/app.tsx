import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
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
  return (
    <Shell>
      <Crash>
        <Suspense fallback={<p className="page">Loading …</p>}>
          <Switch>
            <Route path="/">
              <Redirect to={`/groups${location.search}`} replace />
            </Route>
            <Route path="/groups" component={GroupsPage} />
            <Route path="/groups/:id">{({ id }) => <GroupPage key={id} id={id} />}</Route>
            <Route path="/jobs" component={JobsPage} />
            <Route path="/cluster" component={ClusterPage} />
            <Route path="/status" component={StatusPage} />
            <Route component={NotFoundPage} />
          </Switch>
        </Suspense>
      </Crash>
    </Shell>
  );
}
