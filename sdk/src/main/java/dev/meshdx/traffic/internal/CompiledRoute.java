package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.HttpFilter;
import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteMatch;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A route whose conditions are ready for many requests. Immutable. */
public final class CompiledRoute {
    private final Route route;
    private final int position;
    private final Condition[] conditions;
    private final PathCondition path;
    private final double share;
    private final String name;
    private final List<HttpFilter> overrides;
    private final @Nullable ResourceRef configuredBy;

    CompiledRoute(Route route, int position, boolean ignoresParameters, Regexes regexes) {
        RouteMatch match = route.match();
        this.route = route;
        this.position = position;
        this.conditions = Condition.of(match, regexes).toArray(Condition[]::new);
        this.path = new PathCondition(match, ignoresParameters, regexes);
        this.share = match.runtimeShare();
        this.name = route.name();
        this.overrides = route.filterOverrides();
        this.configuredBy = route.configuredBy().orElse(null);
    }

    /** The route. */
    public Route route() {
        return route;
    }

    /** Its name; empty where it has none. */
    public String name() {
        return name;
    }

    /** What filters do differently for its requests. */
    public List<HttpFilter> overrides() {
        return overrides;
    }

    /** The Istio resource behind it; null where the configuration names none. */
    public @Nullable ResourceRef configuredBy() {
        return configuredBy;
    }

    /** The value that it wants of a header; null where it takes several, or does not look at it. */
    @Nullable
    String wantedOf(String header) {
        for (Condition condition : conditions) {
            if (condition instanceof HeaderCondition wants && wants.name().equals(header)) {
                String value = wants.onlyValue();
                if (value != null) {
                    return value;
                }
            }
        }
        return null;
    }

    /** The headers of which it wants one value. */
    List<String> headersWanted() {
        List<String> names = new ArrayList<>();
        for (Condition condition : conditions) {
            if (condition instanceof HeaderCondition wants && wants.onlyValue() != null) {
                names.add(wants.name());
            }
        }
        return names;
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

    /** How many conditions beside the path the request does not meet. */
    public int unmet(RoutedRequest request) {
        int unmet = 0;
        for (Condition condition : conditions) {
            unmet += condition.holds(request) ? 0 : 1;
        }
        return unmet;
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
