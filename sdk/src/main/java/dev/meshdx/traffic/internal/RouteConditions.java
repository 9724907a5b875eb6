package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.RouteMatch;
import java.util.ArrayList;
import java.util.List;

/** All conditions of a match outside a route: that of a rule of a filter. Immutable. */
public final class RouteConditions {
    private final List<Condition> conditions;
    private final PathCondition path;

    private RouteConditions(List<Condition> conditions, PathCondition path) {
        this.conditions = conditions;
        this.path = path;
    }

    /** Makes a match ready. */
    public static RouteConditions of(RouteMatch match, Regexes regexes) {
        return new RouteConditions(Condition.of(match, regexes), new PathCondition(match, false, regexes));
    }

    /** Whether they take a request. */
    public boolean take(RoutedRequest request) {
        return conditions.stream().allMatch(condition -> condition.holds(request)) && path.holds(request);
    }

    /** Every condition that a request does not meet. */
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
}
