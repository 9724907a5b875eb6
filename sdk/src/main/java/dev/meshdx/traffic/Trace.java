package dev.meshdx.traffic;

import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.HeaderChanges;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.internal.Lazy;
import dev.meshdx.traffic.internal.Regexes;
import dev.meshdx.traffic.internal.rbac.Call;
import dev.meshdx.traffic.internal.rbac.RbacFilters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which way a request goes through a proxy, from the proxy's configuration alone. Immutable, safe for use by several threads.
 *
 * <p>Code, flags and details are those of Envoy's access log. What a configuration does not tell is said: {@link #alternatives()}
 * where chance decides, {@link #filters()} for filters that may change or refuse the request, {@link #notes()} for what was taken
 * for granted. For a forwarded request the upstream is taken to be well.
 */
public final class Trace {
    /** JShell cuts at 1,000 characters. */
    private static final int CONSOLE = 900;

    /** How it ends. */
    public enum Kind {
        /** Forwarded to a cluster. */
        ROUTE("route"),
        /** Answered by the route itself. */
        DIRECT_RESPONSE("directResponse"),
        /** Redirected by the route. */
        REDIRECT("redirect"),
        /** Redirected to HTTPS by the virtual host, before any route was looked at. */
        TLS_REDIRECT("tlsRedirect"),
        /** The virtual host has no route for it: 404. */
        NO_ROUTE("noRoute"),
        /** No virtual host serves the host: 404. */
        NO_VIRTUAL_HOST("noVirtualHost"),
        /** The route configuration was never delivered: 404. */
        NO_ROUTE_CONFIG("noRouteConfig"),
        /** The route names a cluster that does not exist. */
        NO_CLUSTER("noCluster"),
        /** The cluster has no host that takes requests: 503. */
        NO_HEALTHY_UPSTREAM("noHealthyUpstream"),
        /** {@code Upgrade} or {@code CONNECT} is not allowed: 403. */
        UPGRADE_REJECTED("upgradeRejected"),
        /** Refused before routing; the response code details tell why. */
        REJECTED("rejected"),
        /** Refused by authorization rules or by JWT authentication; a connection that is refused is closed. */
        DENIED("denied"),
        /** Answered by the fault filter. */
        FAULT_INJECTED("faultInjected"),
        /** Refused as malformed HTTP. */
        CODEC_ERROR("codecError"),
        /** Passed on as bytes. */
        TCP("tcp"),
        /** No filter chain takes the connection; it is closed. */
        NO_FILTER_CHAIN("noFilterChain"),
        /** A filter chain takes it, the TLS handshake fails. */
        TLS_ERROR("tlsError"),
        /** A filter chain takes it, and no request follows. */
        NO_REQUEST("noRequest"),
        /** Nothing listens there. */
        NO_LISTENER("noListener");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** In lowerCamelCase, as in JSON. */
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * One decision on the way.
     *
     * @param what what was chosen: {@code listener}, {@code filter chain}, {@code virtual host}, {@code route}…
     * @param chosen its name
     * @param because why this one
     */
    public record Step(String what, String chosen, String because) {
        /** One line. */
        @Override
        public String toString() {
            return what + " " + chosen + (because.isEmpty() ? "" : " (" + because + ")");
        }
    }

    /**
     * Another way in which it can end, where something decides that the configuration does not tell.
     *
     * @param when what decides: {@code 30% of such requests, by chance}
     * @param outcome what happens then
     * @param kind how it ends then
     * @param clusters the clusters that it may go to then
     */
    public record Alternative(String when, String outcome, Kind kind, List<String> clusters) {
        /** Copies the list. */
        public Alternative {
            clusters = List.copyOf(clusters);
        }

        /** One line. */
        @Override
        public String toString() {
            return when + ": " + outcome;
        }
    }

    /** What was found out about near misses. */
    record Nearest(List<NearMiss> misses, boolean explained, String criterion) {
        static final Nearest NONE = new Nearest(List.of(), false, "");

        Nearest and(List<NearMiss> more) {
            List<NearMiss> all = new ArrayList<>(misses);
            all.addAll(more);
            return new Nearest(List.copyOf(all), explained, criterion);
        }
    }

    /** Collects a trace. What takes time and not everybody asks for is worked out when it is asked for. */
    static final class Builder {
        private record Later(String what, String chosen, Supplier<String> because) {}

        final HttpRequest request;
        Kind kind = Kind.NO_LISTENER;

        @Nullable
        String listener;

        @Nullable
        String filterChain;

        @Nullable
        String routeConfig;

        @Nullable
        String virtualHost;

        @Nullable
        String route;

        List<String> clusters = List.of();
        int responseCode;
        String responseCodeDetails = "";
        String responseFlags = "";

        @Nullable
        String location;

        @Nullable
        String matchedPath;

        @Nullable
        String scheme;

        @Nullable
        String upstreamPath;

        @Nullable
        String upstreamAuthority;

        @Nullable
        ResourceRef configuredBy;

        @Nullable
        AuthorizationDecision authorization;

        boolean offersIstioProtocols;

        @Nullable
        Call call;

        private final List<Later> steps = new ArrayList<>(6);
        final List<String> notes = new ArrayList<>(2);
        List<Alternative> alternatives = List.of();
        Supplier<Nearest> nearest = () -> Nearest.NONE;
        Supplier<List<Upstream>> upstreams = List::of;
        Supplier<List<FilterEffect>> filters = List::of;
        Supplier<HeaderChanges> headers = () -> new HeaderChanges(List.of(), List.of());

        Builder(HttpRequest request) {
            this.request = request;
        }

        void step(String what, String chosen, String because) {
            step(what, chosen, () -> because);
        }

        void step(String what, String chosen, Supplier<String> because) {
            steps.add(new Later(what, chosen.isEmpty() ? "(no name)" : chosen, because));
        }

        Trace end(Kind kind, int code, String details, String flags) {
            this.kind = kind;
            this.responseCode = code;
            this.responseCodeDetails = details;
            this.responseFlags = flags;
            return new Trace(this);
        }
    }

    private final Builder built;
    private final Lazy<List<Step>> steps;
    private final Lazy<Nearest> nearest;
    private final Lazy<List<Upstream>> upstreams;
    private final Lazy<List<FilterEffect>> filters;
    private final Lazy<HeaderChanges> headers;
    private final List<String> notes;

    private Trace(Builder built) {
        this.built = built;
        this.notes = Collections.unmodifiableList(built.notes);
        this.steps = new Lazy<>(() -> built.steps.stream()
                .map(step -> new Step(step.what, step.chosen, step.because.get()))
                .toList());
        this.nearest = new Lazy<>(built.nearest);
        this.upstreams = new Lazy<>(built.upstreams);
        this.filters = new Lazy<>(built.filters);
        this.headers = new Lazy<>(built.headers);
    }

    private Trace(Trace base, List<NearMiss> misses, List<String> notes) {
        this.built = base.built;
        this.steps = base.steps;
        this.nearest = new Lazy<>(() -> base.nearest.get().and(misses));
        this.upstreams = base.upstreams;
        this.filters = base.filters;
        this.headers = base.headers;
        List<String> all = new ArrayList<>(base.notes);
        all.addAll(notes);
        this.notes = List.copyOf(all);
    }

    /** The same with further near misses, behind its own, and further notes. */
    Trace with(List<NearMiss> misses, List<String> notes) {
        return misses.isEmpty() && notes.isEmpty() ? this : new Trace(this, misses, notes);
    }

    /** Works out everything, so that the proxy's configuration need not be kept. */
    @Internal
    public Trace settled() {
        steps.get();
        nearest.get();
        upstreams.get();
        filters.get();
        headers.get();
        return this;
    }

    /** The request. */
    public HttpRequest request() {
        return built.request;
    }

    /** How it ends. */
    public Kind kind() {
        return built.kind;
    }

    /** The listener that takes the connection. */
    public Optional<String> listener() {
        return Optional.ofNullable(built.listener);
    }

    /** The filter chain's name; empty where it has none. */
    public Optional<String> filterChain() {
        return Optional.ofNullable(built.filterChain).filter(name -> !name.isEmpty());
    }

    /** The route configuration. */
    public Optional<String> routeConfig() {
        return Optional.ofNullable(built.routeConfig);
    }

    /** The virtual host. */
    public Optional<String> virtualHost() {
        return Optional.ofNullable(built.virtualHost);
    }

    /** The route's name; empty where it has none. */
    public Optional<String> route() {
        return Optional.ofNullable(built.route).filter(name -> !name.isEmpty());
    }

    /** The cluster, be it one that the proxy does not have; empty where weights leave it to chance, or it goes to none. */
    public Optional<String> cluster() {
        return built.clusters.size() == 1 ? Optional.of(built.clusters.get(0)) : Optional.empty();
    }

    /** All clusters that it may go to, sorted. */
    public List<String> clusters() {
        return built.clusters;
    }

    /** The same with their shares, their hosts and how they are connected to; empty where it goes to none. */
    public List<Upstream> upstreams() {
        return upstreams.get();
    }

    /**
     * The code that the client receives: the proxy's own answer; for a forwarded request 200, provided that the upstream is
     * well; 0 where there is no answer.
     */
    public int responseCode() {
        return built.responseCode;
    }

    /** Why the proxy itself answers, in the words of the access log. */
    public Optional<String> responseCodeDetails() {
        return Optional.of(built.responseCodeDetails).filter(details -> !details.isEmpty());
    }

    /** The flags that the access log would show. */
    public Optional<String> responseFlags() {
        return Optional.of(built.responseFlags).filter(flags -> !flags.isEmpty());
    }

    /** Where a redirect leads. */
    public Optional<String> location() {
        return Optional.ofNullable(built.location);
    }

    /** Path and query that the routes were matched against. */
    public Optional<String> matchedPath() {
        return Optional.ofNullable(built.matchedPath);
    }

    /** The scheme that the routes were matched against. */
    public Optional<String> scheme() {
        return Optional.ofNullable(built.scheme);
    }

    /** Path and query as the upstream receives them. */
    public Optional<String> upstreamPath() {
        return Optional.ofNullable(built.upstreamPath);
    }

    /** The host as the upstream receives it. */
    public Optional<String> upstreamAuthority() {
        return Optional.ofNullable(built.upstreamAuthority);
    }

    /** The headers that route, virtual host and route configuration add and remove, in the order in which that happens. */
    public HeaderChanges upstreamHeaders() {
        return headers.get();
    }

    /** The Istio resource behind the route, usually a VirtualService. */
    public Optional<ResourceRef> configuredBy() {
        return Optional.ofNullable(built.configuredBy);
    }

    /** What the authorization rules on the way say; empty where there are none, or they were not reached. */
    public Optional<AuthorizationDecision> authorization() {
        return Optional.ofNullable(built.authorization);
    }

    /**
     * What other authorization rules would say of the same request at the same place; empty where it never came to one.
     *
     * @param configs the configurations of the filters, in order
     */
    @Internal
    public Optional<AuthorizationDecision> decide(List<Json> configs) {
        return Optional.ofNullable(built.call)
                .map(call -> RbacFilters.of(configs, new Regexes()).decide(call).decision());
    }

    /** The filters on the way that matter: those that end the request, may end or change it, or have let it pass. */
    public List<FilterEffect> filters() {
        return filters.get();
    }

    /** How else it can end, where chance or something else decides that the configuration does not tell. */
    public List<Alternative> alternatives() {
        return built.alternatives;
    }

    /** The decisions on the way, in order. */
    public List<Step> steps() {
        return steps.get();
    }

    /** What this trace leaves open or takes for granted, such as a destination that was guessed. */
    public List<String> notes() {
        return notes;
    }

    /** Whether Istio's filter chooses the application protocols that are offered to the upstream. */
    boolean offersIstioProtocols() {
        return built.offersIstioProtocols;
    }

    /** What would have taken the request but for one thing, nearest first. */
    public List<NearMiss> nearMisses() {
        return nearest.get().misses();
    }

    /** Whether the first near miss differs in a way that a slip explains (case, a slash, a header), not in everything. */
    @Internal
    public boolean isExplained() {
        return nearest.get().explained() && !nearMisses().isEmpty();
    }

    /** What the nearest miss differs in: {@code path}, {@code method}, {@code header x-user}, {@code host}…; else empty. */
    @Internal
    public String nearestCriterion() {
        return nearest.get().criterion();
    }

    /** Whether it reaches a cluster or an answer that somebody configured. */
    public boolean isServed() {
        return switch (built.kind) {
            // A delay that somebody wants is no failure.
            case ROUTE, DIRECT_RESPONSE, REDIRECT, TLS_REDIRECT, TCP ->
                built.responseFlags.isEmpty() || built.responseFlags.equals("DI");
            default -> false;
        };
    }

    /** The fields by their names in JSON, without what there is nothing to say about. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kind", built.kind.toString());
        listener().ifPresent(value -> fields.put("listener", value));
        filterChain().ifPresent(value -> fields.put("filterChain", value));
        routeConfig().ifPresent(value -> fields.put("routeConfig", value));
        virtualHost().ifPresent(value -> fields.put("virtualHost", value));
        route().ifPresent(value -> fields.put("route", value));
        if (built.kind == Kind.NO_CLUSTER || built.responseFlags.equals("NC")) {
            // Envoy's access log names no cluster where there is none.
            cluster().ifPresent(value -> fields.put("missingCluster", value));
        } else {
            cluster().ifPresent(value -> fields.put("cluster", value));
        }
        if (built.clusters.size() > 1) {
            fields.put("clusters", built.clusters);
        }
        if (built.responseCode > 0) {
            fields.put("responseCode", built.responseCode);
        }
        responseCodeDetails().ifPresent(value -> fields.put("responseCodeDetails", value));
        responseFlags().ifPresent(value -> fields.put("responseFlags", value));
        location().ifPresent(value -> fields.put("location", value));
        matchedPath().ifPresent(value -> fields.put("matchedPath", value));
        scheme().ifPresent(value -> fields.put("scheme", value));
        upstreamPath().ifPresent(value -> fields.put("upstreamPath", value));
        upstreamAuthority().ifPresent(value -> fields.put("upstreamAuthority", value));
        configuredBy().ifPresent(value -> fields.put("configuredBy", value.toString()));
        authorization().ifPresent(value -> fields.put("authorization", value.fields()));
        return Collections.unmodifiableMap(fields);
    }

    /** How it ends, in half a sentence that goes on after the request. */
    public String outcome() {
        String by = configuredBy().map(ref -> ", from " + ref).orElse("");
        return switch (built.kind) {
            case ROUTE -> "goes to " + String.join(" or ", built.clusters) + by;
            case TCP ->
                "passes as bytes to " + String.join(" or ", built.clusters)
                        + (built.responseFlags.isEmpty() ? "" : ", which closes it: " + built.responseFlags);
            case DIRECT_RESPONSE -> "is answered " + built.responseCode + " by the proxy" + by;
            case REDIRECT, TLS_REDIRECT -> "is redirected to " + location().orElse("another place") + by;
            case NO_ROUTE -> "finds no route in virtual host " + virtualHost().orElse("") + ": 404";
            case NO_VIRTUAL_HOST ->
                "finds no virtual host for " + built.request.authority().orElse("no host") + ": 404";
            case NO_ROUTE_CONFIG ->
                "waits in vain: route configuration " + routeConfig().orElse("") + " was never delivered: 404";
            case NO_CLUSTER ->
                "is sent to " + (built.clusters.isEmpty() ? "a cluster" : built.clusters.get(0))
                        + ", which this proxy does not have: " + built.responseCode + by;
            case NO_HEALTHY_UPSTREAM ->
                "is sent to " + String.join(" or ", built.clusters) + ", where no host takes requests: "
                        + built.responseCode + by;
            case UPGRADE_REJECTED -> "is refused: upgrades are not allowed here: 403";
            case REJECTED -> "is refused before routing: " + built.responseCode + " " + built.responseCodeDetails;
            case DENIED ->
                "is refused"
                        + authorization()
                                .filter(decision -> decision.result() == AuthorizationDecision.Result.DENIED)
                                .map(decision -> ": " + decision.because())
                                .orElse("")
                        + (built.responseCode > 0 ? ": " + built.responseCode : "") + " " + built.responseCodeDetails;
            case FAULT_INJECTED -> "is answered " + built.responseCode + " by fault injection" + by;
            case CODEC_ERROR -> "is refused as malformed: " + built.responseCodeDetails;
            case NO_FILTER_CHAIN ->
                "is closed: no filter chain of listener " + listener().orElse("") + " takes it";
            case TLS_ERROR ->
                "fails in the TLS handshake of filter chain " + filterChain().orElse("");
            case NO_REQUEST -> "reaches filter chain " + filterChain().orElse("") + " and sends no request";
            case NO_LISTENER ->
                "finds nothing that listens at " + built.request.destination().orElse("its destination");
        };
    }

    /**
     * The outcome in a sentence, then the whole way in lines: decisions, filters, hosts, what is left open. Near misses stand
     * first where the request is not served, last where it is.
     */
    public String explain() {
        StringBuilder text = new StringBuilder(built.request + " " + outcome() + ".");
        if (!isServed()) {
            nearMisses().forEach(miss -> line(text, "near miss: " + miss));
        }
        steps().forEach(step -> line(text, step.toString()));
        filters().stream()
                .filter(effect -> effect.effect() != FilterEffect.Effect.PASSES)
                .forEach(effect -> line(text, "filter " + effect));
        upstreams().forEach(upstream -> line(text, "upstream " + upstream));
        if (!upstreamHeaders().isEmpty()) {
            line(text, "headers for the upstream: " + upstreamHeaders());
        }
        alternatives().forEach(alternative -> line(text, "or, " + alternative));
        if (isServed()) {
            nearMisses().forEach(miss -> line(text, "near miss: " + miss));
        }
        notes().forEach(note -> line(text, "note: " + note));
        return text.toString();
    }

    private static void line(StringBuilder text, String line) {
        text.append("\n  ").append(line);
    }

    /** As {@link #explain()}, cut short for consoles: what is nearest to being wrong first. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(built.request + " " + outcome() + ".");
        nearMisses().forEach(miss -> append(text, "\n  near miss: " + miss));
        for (String line : explain().split("\n", -1)) {
            if (line.startsWith("  ") && !line.startsWith("  near miss: ") && !line.startsWith("  note: ")) {
                append(text, "\n" + line);
            }
        }
        return text.length() > CONSOLE ? text.substring(0, CONSOLE - 3) + "..." : text.toString();
    }

    private static void append(StringBuilder text, String line) {
        if (text.length() + line.length() <= CONSOLE) {
            text.append(line);
        }
    }
}
