package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteMatch;
import java.util.ArrayList;
import java.util.List;

/** A route whose conditions are ready for many requests. Immutable. */
public final class CompiledRoute {
    private final Route route;
    private final int position;
    private final Condition[] conditions;
    private final PathCondition path;
    private final double share;

    CompiledRoute(Route route, int position, boolean ignoresParameters, Regexes regexes) {
        RouteMatch match = route.match();
        this.route = route;
        this.position = position;
        this.conditions = Condition.of(match, regexes).toArray(Condition[]::new);
        this.path = new PathCondition(match, ignoresParameters, regexes);
        this.share = match.runtimeShare();
    }

    /** The route. */
    public Route route() {
        return route;
    }

    /** Its place in its virtual host, from 0. */
    public int position() {
        return position;
    }

    PathCondition path() {
        return path;
    }

    /** Whether it takes the request; where it takes a share by chance, whether it may. */
    public boolean takes(RoutedRequest request) {
        for (Condition condition : conditions) {
            if (!condition.holds(request)) {
                return false;
            }
        }
        return path.holds(request);
    }

    /** Whether it takes only a share of the requests that meet its conditions. */
    public boolean isByChance() {
        return share > 0 && share < 100;
    }

    /** That share in percent. */
    public double share() {
        return share;
    }

    /** How many conditions it has beside the path. */
    public int conditions() {
        return conditions.length;
    }

    /** Every condition that the request does not meet. */
    public List<Mismatch> mismatches(RoutedRequest request) {
        List<Mismatch> failed = new ArrayList<>();
        for (Condition condition : conditions) {
            if (!condition.holds(request)) {
                failed.add(condition.explain(request));
            }
        }
        if (!path.holds(request)) {
            failed.add(path.explain(request));
        }
        return failed;
    }

    /** How much of the path it has in common with the request's. */
    public int likeness(RoutedRequest request) {
        return path.likeness(request);
    }

    /** Whether another route wants a longer or a more exact path, or more beside it: whoever wrote that one means fewer requests. */
    public boolean isMoreSpecificThan(CompiledRoute other) {
        int own = path.wanted().length();
        int others = other.path.wanted().length();
        return own > others || (own == others && conditions.length > other.conditions.length);
    }
}
